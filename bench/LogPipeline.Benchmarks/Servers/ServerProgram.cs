using System.Diagnostics;
using LogPipeline.TestSupport;
using Temporalio.Client;

namespace LogPipeline.Benchmarks.Servers;

/// <summary>A Temporal server as a program of its own that keeps its state on disk: the embedded one or the real one.</summary>
sealed class ServerProgram : IAsyncDisposable
{
    readonly ChildProcess _process;

    ServerProgram(string name, string address, ChildProcess process, TimeSpan start) =>
        (Name, Address, _process, Start) = (name, address, process, start);

    public string Name { get; }
    public string Address { get; }

    /// <summary>From the start of the process until a client was answered for its namespace.</summary>
    public TimeSpan Start { get; }

    public long ResidentBytes => _process.ResidentBytes;
    public TimeSpan ProcessorTime => _process.ProcessorTime;

    /// <param name="name">What the report calls it.</param>
    /// <param name="folder">Where its program is.</param>
    /// <param name="database">Where it keeps its state.</param>
    public static Task<ServerProgram> StartEmbeddedAsync(string name, string folder, string database) =>
        StartAsync(name, "dotnet", port =>
            [Path.GetFullPath("temporal-dev-server.dll", Path.GetFullPath(folder)), "--port", $"{port}", "--db-filename", database]);

    public static Task<ServerProgram> StartRealAsync(string database) =>
        StartAsync("real", RealServers.Temporal, port =>
            ["server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", $"{port}", "--log-level", "error",
                "--db-filename", database]);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    static async Task<ServerProgram> StartAsync(string name, string program, Func<int, string[]> arguments)
    {
        var port = FreePort.Next();
        var watch = Stopwatch.StartNew();
        var process = ChildProcess.Start(program, arguments(port));
        try
        {
            await Eventually.TrueAsync(() => LocalPort.IsOpenAsync(port), TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(5), () =>
                process.Everything);
            var address = $"127.0.0.1:{port}";
            await Eventually.TrueAsync(() => AnswersAsync(address), TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(5), () =>
                process.Everything);
            return new ServerProgram(name, address, process, watch.Elapsed);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    static async Task<bool> AnswersAsync(string address)
    {
        try
        {
            var client = await TemporalClient.ConnectAsync(new(address));
            await client.CountWorkflowsAsync("");
            return true;
        }
        catch (Exception e) when (e is Temporalio.Exceptions.RpcException or InvalidOperationException)
        {
            return false;
        }
    }
}
