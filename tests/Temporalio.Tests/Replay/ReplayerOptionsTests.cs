using Temporalio.Api.Enums.V1;
using Temporalio.Common;
using Temporalio.Tests.Workflows;
using Temporalio.Worker;

namespace Temporalio.Tests.Replay;

public sealed class ReplayerOptionsTests
{
    static readonly WorkflowHistory Metered = RecordedHistories.Read("MeteredFeature.json");

    [Fact]
    public async Task AReplayersListenersHearOfEachTask()
    {
        var heard = new List<string>();
        await Replayer(Listening(heard)).ReplayWorkflowAsync(Metered);
        heard.ShouldBe(["+MeteredFeature", "-MeteredFeature ", "+MeteredFeature", "-MeteredFeature "]);
    }

    [Fact]
    public async Task WhatAListenerThrowsFailsTheReplay()
    {
        var options = new WorkflowReplayerOptions();
        options.WorkflowTaskStarting += (_, _) => throw new InvalidOperationException("not this one");
        (await Replayer(options).ReplayWorkflowAsync(Metered, throwOnReplayFailure: false)).ReplayFailure!.Message.ShouldBe("not this one");
    }

    [Theory, InlineData(false, 0), InlineData(true, 1)]
    public async Task OnlyATaskThatHistoryDoesNotAnswerRecordsMetrics(bool open, double expected)
    {
        var meter = new RecordingMeter();
        var events = Metered.Events.TakeWhile((e, i) => !open || i == 0 || e.EventId <= Metered.Events.Last(s => s.EventType == EventType.WorkflowTaskStarted).EventId);
        var options = new WorkflowReplayerOptions { Runtime = new(new(new() { Metrics = new() { CustomMetricMeter = meter } })) };
        await Replayer(options).ReplayWorkflowAsync(new("metered", [.. events]));
        meter.Sum("steps").ShouldBe(expected);
    }

    static WorkflowReplayerOptions Listening(List<string> heard)
    {
        var options = new WorkflowReplayerOptions();
        options.WorkflowTaskStarting += (_, e) => heard.Add($"+{e.WorkflowDefinition.Name}");
        options.WorkflowTaskCompleted += (_, e) => heard.Add($"-{e.WorkflowInfo.WorkflowType} {e.TaskFailureException?.Message}");
        return options;
    }

    static WorkflowReplayer Replayer(WorkflowReplayerOptions options) => new(options.AddWorkflow<MeteredFeature>());
}
