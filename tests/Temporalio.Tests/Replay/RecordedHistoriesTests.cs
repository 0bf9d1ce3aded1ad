using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Tests.Client;
using Temporalio.Tests.Interop;
using Temporalio.Tests.Workflows;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace Temporalio.Tests.Replay;

public sealed class RecordedHistoriesTests
{
    public static TheoryData<string> Files => [.. RecordedHistories.Files];

    static readonly Type[] Workflows = [.. FeatureWorkflows.All, typeof(LogPipeline.Workflows.LogProcessingWorkflow), typeof(Mixed),
        typeof(AsyncActivityTests.OpenWorkflow), typeof(EagerStartTests.GreetWorkflow)];

    [Theory, MemberData(nameof(Files))]
    public async Task TodaysCodeFitsARecordedHistory(string file) =>
        await Replayers.Of(Workflows).ReplayWorkflowAsync(RecordedHistories.Read(file));

    [Fact]
    public void EveryFeatureHasAHistory() =>
        RecordedHistories.Files.Select(f => RecordedHistories.WorkflowOf(RecordedHistories.Read(f))).Distinct().ShouldBe(
            Workflows.Select(w => w.Name).Order(StringComparer.Ordinal), ignoreOrder: true);

    [Workflow("TimerFeature")]
    public sealed class TimerLeftOut
    {
        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            await Workflow.DelayAsync(100);
            return "True True False";
        }
    }

    [Workflow("ActivityFeature")]
    public sealed class OtherActivity
    {
        [WorkflowRun]
        public Task<string> RunAsync(string name) => Workflow.ExecuteActivityAsync<string>("Other", [name], FeatureWorkflows.Options);
    }

    [Workflow("LocalActivityFeature")]
    public sealed class OtherLocalActivity
    {
        [WorkflowRun]
        public async Task<string> RunAsync(string name)
        {
            await Workflow.ExecuteLocalActivityAsync("Other", [name], FeatureWorkflows.LocalOptions);
            return "";
        }
    }

    [Workflow("TimerFeature")]
    public sealed class TimerAdded
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.WhenAllAsync(Workflow.DelayAsync(100), Workflow.DelayAsync(200));
    }

    [Theory]
    [InlineData(typeof(TimerLeftOut), "TimerFeature.json", "(TimerStarted) does not fit: the workflow asked for the workflow's completion here.")]
    [InlineData(typeof(TimerAdded), "TimerFeature.json", "event 6 (TimerFired) does not fit: the workflow asked for timer 2 before it, which history does not have.")]
    [InlineData(typeof(OtherActivity), "ActivityFeature.json", "event 5 (ActivityTaskScheduled) does not fit: it has activity type 'Greet', but the workflow asked for activity 1 (Other) with activity type 'Other'.")]
    [InlineData(typeof(OtherLocalActivity), "LocalActivityFeature.json", "event 5 (MarkerRecorded) does not fit: it has activity type 'Greet', but the workflow asked for local activity 1 (Other) with activity type 'Other'.")]
    public async Task ChangedCodeIsNamedWithEventAndCommand(Type workflow, string file, string message)
    {
        var result = await Replayers.Of(workflow).ReplayWorkflowAsync(RecordedHistories.Read(file), throwOnReplayFailure: false);
        result.ReplayFailure.ShouldBeOfType<WorkflowNondeterminismException>().Message.ShouldContain(message);
    }

    [Fact]
    public async Task AHistoryWithAGapIsRefused()
    {
        var whole = RecordedHistories.Read("TimerFeature.json");
        var gap = new WorkflowHistory(whole.Id, [.. whole.Events.Where(e => e.EventId != 4)]);
        var result = await Replayers.Of(Workflows).ReplayWorkflowAsync(gap, throwOnReplayFailure: false);
        result.ReplayFailure!.Message.ShouldContain("gaps");
    }
}
