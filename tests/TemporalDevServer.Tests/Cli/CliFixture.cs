using Temporalio.Client;
using Temporalio.Worker;

namespace TemporalDevServer.Tests.Cli;

/// <summary>The embedded server with a worker, for the real <c>temporal</c> command line.</summary>
public sealed class CliFixture : IAsyncLifetime
{
    public const string TaskQueue = "cli";

    readonly EmbeddedServer _server = new();
    readonly CancellationTokenSource _stop = new();
    TemporalWorker? _worker;
    Task _running = Task.CompletedTask;

    public async Task InitializeAsync()
    {
        await _server.InitializeAsync();
        if (RealServers.MissingBecause is not null) return;
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(_server.Address));
        _worker = new TemporalWorker(client, new TemporalWorkerOptions(TaskQueue).AddWorkflow<Counter>());
        _running = _worker.ExecuteAsync(_stop.Token);
    }

    /// <summary>What the program printed; it is expected to succeed.</summary>
    public async Task<string> OutputOfAsync(params string[] arguments)
    {
        var child = await _server.CliAsync(arguments);
        child.ExitCode.ShouldBe(0, $"temporal {string.Join(' ', arguments)}: {child.Everything}");
        return child.Output;
    }

    /// <summary>What the program complained of; it is expected to fail.</summary>
    public async Task<string> ErrorOfAsync(params string[] arguments)
    {
        var child = await _server.CliAsync(arguments);
        child.ExitCode.ShouldNotBe(0, child.Everything);
        return child.Everything;
    }

    /// <summary>Starts a counter, which ends when it has been told enough.</summary>
    public Task<string> StartAsync(string id, int until, string queue = TaskQueue) =>
        OutputOfAsync(
            "workflow", "start", "--type", "Counter", "--task-queue", queue, "--workflow-id", id, "--input", $"{until}",
            "--static-summary", $"counts to {until}");

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // The worker ends so.
        }
        _worker?.Dispose();
        _stop.Dispose();
        await _server.DisposeAsync();
    }
}
