using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace LogPipeline.Samples.Storefront;

/// <summary>The program <c>temporal</c>: where it is, and a development server made of it.</summary>
static class TemporalProgram
{
    static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);
    static readonly string Name = OperatingSystem.IsWindows() ? "temporal.exe" : "temporal";

    /// <summary>On the PATH, or among the servers that lie beside the repository.</summary>
    public static string Find() => OnPath() ?? BesideTheRepository() ?? throw new CannotRunException(
        "There is no Temporal to use: TEMPORAL_ADDRESS is not set and no program 'temporal' is on the PATH. Install the Temporal CLI (https://docs.temporal.io/cli), or set TEMPORAL_ADDRESS to the host:port of a server.");

    /// <summary>Starts a development server on a free port of this machine, with its state in memory, and waits until it listens.</summary>
    public static async Task<(Child Server, string Address, string? Ui)> StartServerAsync(string program, bool withUi, string output, CancellationToken cancellationToken)
    {
        var (port, uiPort) = FreePorts();
        string[] ui = withUi ? ["--ui-port", $"{uiPort}"] : ["--headless"];
        var server = new Child(program, ["server", "start-dev", "--ip", "127.0.0.1", "--port", $"{port}", .. ui, "--log-level", "error"], output, "Server:", cancellationToken);
        try
        {
            await ListensAsync(server, port, output, cancellationToken);
            return (server, $"127.0.0.1:{port}", withUi ? $"http://127.0.0.1:{uiPort}" : null);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    static async Task ListensAsync(Child server, int port, string output, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (server.HasEnded) throw new CannotRunException($"The Temporal server ended at its start; its last words were '{server.LastLine}', all of them are in {output}.");
            if (watch.Elapsed > StartMax) throw new CannotRunException($"The Temporal server did not start within {StartMax.TotalSeconds} s; what it said is in {output}.");
            try
            {
                using var connection = new TcpClient();
                await connection.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(100, cancellationToken);
            }
        }
    }

    // Both at once, so that they differ.
    static (int, int) FreePorts()
    {
        using TcpListener first = new(IPAddress.Loopback, 0), second = new(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }

    static string? OnPath() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, Name)).FirstOrDefault(IsProgram);

    static bool IsProgram(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);

    /// <summary>Unpacks the servers of <c>../shared</c>, where that is, once for all runs.</summary>
    static string? BesideTheRepository()
    {
        if (Shared() is not { } shared || Path.Combine(shared, "tools", "servers", "unpack") is var script && !File.Exists(script)) return null;
        using var unpack = Process.Start(new ProcessStartInfo(script) { RedirectStandardOutput = true })!;
        var path = Path.Combine(unpack.StandardOutput.ReadToEnd().Trim(), Name);
        unpack.WaitForExit();
        return unpack.ExitCode == 0 && IsProgram(path) ? path : null;
    }

    static string? Shared()
    {
        if (Environment.GetEnvironmentVariable("LOGPIPELINE_SHARED") is { Length: > 0 } named) return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "LogPipeline.sln"))) return Path.Combine(folder.FullName, "..", "shared");
        return null;
    }
}
