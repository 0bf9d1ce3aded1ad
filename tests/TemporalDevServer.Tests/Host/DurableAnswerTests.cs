using Google.Protobuf;
using LogPipeline.DurableFiles;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;
using TemporalDevServer.Host;
using TemporalDevServer.Journal;

namespace TemporalDevServer.Tests.Host;

public sealed class DurableAnswerTests
{
    static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    static EngineJournal JournalOn(InMemoryDisk disk) =>
        EngineJournal.Open(
            disk.Root, "the test", new JournalOptions(), new JournalLog(NullLogger.Instance));

    [Fact]
    public async Task AnAnswerLeavesWhenWhatItRestsOnIsSynced()
    {
        var disk = new InMemoryDisk();
        var journal = JournalOn(disk);
        using var syncing = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        await using var loop = new EngineLoop(journal.Engine, TimeProvider.System, journal);
        disk.Fault = operation =>
        {
            if (operation.Verb != StoreVerb.Sync) return null;
            syncing.Set();
            goOn.Wait(WaitMax);
            return null;
        };
        loop.Start();
        var request = new RegisterNamespaceRequest
        {
            Namespace = "some",
            WorkflowExecutionRetentionPeriod = new() { Seconds = 864_000 },
        };

        var answer = loop.CallAsync(request, request.ToByteArray(), out _);

        syncing.Wait(WaitMax).ShouldBeTrue();
        var early = answer.IsCompleted;
        goOn.Set();
        early.ShouldBeFalse();
        (await answer.WaitAsync(WaitMax)).Error.ShouldBeNull();
    }

    /// <summary>What nobody waits for is written without a sync; whoever is told of it later may rely on it.</summary>
    [Fact]
    public async Task AnAnswerThatAddsNothingLeavesWhenWhatItReportsIsSynced()
    {
        var disk = new InMemoryDisk();
        var journal = JournalOn(disk);
        await using var loop = new EngineLoop(journal.Engine, TimeProvider.System, journal);
        loop.Start();
        disk.Root.Exists(JournalFiles.Name(JournalFiles.Segment, 1)).ShouldBeTrue();
        for (var round = 0; round < 50; round++)
        {
            var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            disk.Fault = operation =>
            {
                if (operation.Verb == StoreVerb.Write) written.TrySetResult();
                return null;
            };
            loop.Post(new EnsureNamespaceInput($"n{round}"));
            await written.Task.WaitAsync(WaitMax);

            var answer = await loop.CallAsync(
                new DescribeNamespaceRequest { Namespace = $"n{round}" }, default, out _).WaitAsync(WaitMax);

            answer.Error.ShouldBeNull();
            disk.IsSynced(JournalFiles.Name(JournalFiles.Segment, 1)).ShouldBeTrue($"round {round}");
        }
    }

    [Fact]
    public async Task APollWhoseCallerIsGoneTakesNoTask()
    {
        var engine = WorkflowEngine.New(1);
        await using var loop = new EngineLoop(engine, TimeProvider.System);
        loop.Post(new EnsureNamespaceInput("default"));
        loop.Start();
        var poll = new PollWorkflowTaskQueueRequest
        {
            Namespace = "default",
            TaskQueue = new() { Name = "q" },
            Identity = "w",
        };
        var start = new StartWorkflowExecutionRequest
        {
            Namespace = "default",
            WorkflowId = "a",
            WorkflowType = new() { Name = "W" },
            TaskQueue = new() { Name = "q" },
            // A task that went to nobody is not given out again before the test has given up.
            WorkflowTaskTimeout = new() { Seconds = 120 },
        };
        _ = loop.CallAsync(poll, default, out var gone);
        loop.Abandon(gone);

        await loop.CallAsync(start, default, out _).WaitAsync(WaitMax);

        var task = (await loop.CallAsync(poll, default, out _).WaitAsync(WaitMax)).Message.ShouldBeOfType<PollWorkflowTaskQueueResponse>();
        task.WorkflowExecution.WorkflowId.ShouldBe("a");
    }
}
