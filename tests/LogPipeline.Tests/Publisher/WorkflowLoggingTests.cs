using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using Serilog;
using Temporalio.Client;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace LogPipeline.Tests.Publisher;

/// <summary>An application that logs within workflow code: each event is sent once, however often the workflow is replayed.</summary>
public sealed class WorkflowLoggingTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>
{
    const int Steps = 5;

    [Theory]
    [InlineData(1000)]
    [InlineData(0)]
    public async Task WhatWorkflowCodeLogsIsSentOnceHoweverOftenItIsReplayed(int cachedWorkflows)
    {
        var rig = new SinkRig();
        var sink = rig.Open();
        LoggingWorkflow.Logger = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();
        var client = await TemporalClient.ConnectAsync(new(server.Address));
        var queue = $"logging-{Guid.NewGuid():n}";
        using var worker = new TemporalWorker(client,
            new TemporalWorkerOptions(queue) { MaxCachedWorkflows = cachedWorkflows }.AddWorkflow<LoggingWorkflow>());
        var history = await worker.ExecuteAsync(async () =>
        {
            var handle = await client.StartWorkflowAsync((LoggingWorkflow w) => w.RunAsync(), new(id: queue, taskQueue: queue));
            await handle.GetResultAsync();
            return await handle.FetchHistoryAsync();
        });
        sink.Stats.Emitted.ShouldBe(Steps);
        // Without a cache each task begins at the beginning.
        sink.Stats.Replayed.ShouldBe(cachedWorkflows > 0 ? 0 : Steps * (Steps - 1) / 2);

        var before = sink.Stats.Replayed;
        await new WorkflowReplayer(new WorkflowReplayerOptions().AddWorkflow<LoggingWorkflow>()).ReplayWorkflowAsync(history);
        sink.Stats.Emitted.ShouldBe(Steps);
        (sink.Stats.Replayed - before).ShouldBe(Steps);
        sink.Stats.Balances.ShouldBeTrue();

        await rig.CloseAsync(sink);
        rig.Temporal.Messages.ShouldBe(Enumerable.Range(1, Steps).Select(step => $"Step {step}"));
    }
}

[Workflow]
public sealed class LoggingWorkflow
{
    /// <summary>As Serilog's own static Log, but this test's.</summary>
    public static ILogger Logger { get; set; } = Serilog.Core.Logger.None;

    [WorkflowRun]
    public async Task RunAsync()
    {
        for (var step = 1; step < 5; step++)
        {
            Logger.Information("Step {Number}", step);
            await Workflow.DelayAsync(TimeSpan.FromMilliseconds(1));
        }
        Logger.Information("Step {Number}", 5);
    }
}
