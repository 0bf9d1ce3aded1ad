using LogPipeline.TestSupport;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Worker;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>
/// Each feature on a server: once with runs remembered and once with every task replayed from the first event. The
/// server's own history is compared with what the feature must leave there, and replayed.
/// </summary>
public abstract class FeatureTests(ITemporalServer temporal)
{
    protected const int Remember = 100;
    protected const int ReplayAlways = 0;

    protected string Queue { get; } = $"features-{Guid.NewGuid():N}";

    protected async Task RunAsync(
        int cached, Func<ITemporalClient, Task<(WorkflowHandle Handle, string? Events)>> run,
        Action<TemporalClientConnectOptions>? connect = null, Action<TemporalWorkerOptions>? work = null)
    {
        var client = await ConnectAsync(connect);
        await WithWorkerAsync(client, cached, async () =>
        {
            var (handle, expected) = await run(client);
            var history = await handle.FetchHistoryAsync();
            if (expected != null) Decisions(history).ShouldBe(expected);
            var options = new WorkflowReplayerOptions { DataConverter = client.Options.DataConverter };
            foreach (var workflow in FeatureWorkflows.All) options.AddWorkflow(workflow);
            await new WorkflowReplayer(options).ReplayWorkflowAsync(history);
        }, work);
    }

    protected async Task<ITemporalClient> ConnectAsync(Action<TemporalClientConnectOptions>? connect = null)
    {
        temporal.SkipIfMissing();
        var options = new TemporalClientConnectOptions(temporal.Address);
        connect?.Invoke(options);
        return await TemporalClient.ConnectAsync(options);
    }

    protected async Task WithWorkerAsync(ITemporalClient client, int cached, Func<Task> run, Action<TemporalWorkerOptions>? work = null)
    {
        var options = FeatureWorkflows.WorkerOptions(Queue);
        options.MaxCachedWorkflows = cached;
        options.GracefulShutdownTimeout = TimeSpan.FromSeconds(5);
        work?.Invoke(options);
        using var worker = new TemporalWorker(client, options);
        // A task that the server refuses is tried for ever.
        await worker.ExecuteAsync(() => run().WaitAsync(TimeSpan.FromMinutes(2)));
    }

    protected WorkflowOptions Options() => new($"feature-{Guid.NewGuid():N}", Queue);

    protected static string Decisions(WorkflowHistory history) =>
        string.Join(' ', history.Events.Select(e => e.EventType).Where(t => t != EventType.WorkflowExecutionStarted
            && t is not (EventType.WorkflowTaskScheduled or EventType.WorkflowTaskStarted or EventType.WorkflowTaskCompleted)));
}
