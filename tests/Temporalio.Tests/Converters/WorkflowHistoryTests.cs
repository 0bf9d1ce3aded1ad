using Temporalio.Api.Enums.V1;
using Temporalio.Common;

namespace Temporalio.Tests.Converters;

public class WorkflowHistoryTests
{
    // As the CLI writes it, and as the UI and older tools do; the unknown field stands for a later server.
    const string Cli = """
        {"events":[
          {"eventId":"1","eventTime":"2026-11-20T10:00:00.5Z","eventType":"EVENT_TYPE_WORKFLOW_EXECUTION_STARTED","taskId":"1048587",
           "workflowExecutionStartedEventAttributes":{"workflowType":{"name":"W"},"taskQueue":{"name":"q","kind":"TASK_QUEUE_KIND_NORMAL"},
             "input":{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"MTI="}]},"fromTomorrow":{"a":[1]}}},
          {"eventId":"2","eventType":"EVENT_TYPE_ACTIVITY_TASK_FAILED",
           "activityTaskFailedEventAttributes":{"scheduledEventId":"1","retryState":"RETRY_STATE_TIMEOUT",
             "failure":{"message":"m","cause":{"message":"c","timeoutFailureInfo":{"timeoutType":"TIMEOUT_TYPE_HEARTBEAT"}},"applicationFailureInfo":{"type":"T"}}}}
        ]}
        """;

    static readonly string Ui = Cli
        .Replace("EVENT_TYPE_WORKFLOW_EXECUTION_STARTED", "WorkflowExecutionStarted")
        .Replace("TASK_QUEUE_KIND_NORMAL", "Normal")
        .Replace("EVENT_TYPE_ACTIVITY_TASK_FAILED", "ActivityTaskFailed")
        .Replace("RETRY_STATE_TIMEOUT", "Timeout")
        .Replace("TIMEOUT_TYPE_HEARTBEAT", "Heartbeat");

    [Fact]
    public void HistoriesOfCliAndUiAreTheSame()
    {
        var cli = WorkflowHistory.FromJson("w", Cli);
        var ui = WorkflowHistory.FromJson("w", Ui);
        ui.Events.ShouldBe(cli.Events);
        var (started, failed) = (cli.Events.First(), cli.Events.Last());
        started.EventType.ShouldBe(EventType.WorkflowExecutionStarted);
        started.WorkflowExecutionStartedEventAttributes.TaskQueue.Kind.ShouldBe(TaskQueueKind.Normal);
        started.WorkflowExecutionStartedEventAttributes.Input.Payloads_[0].Data.ToStringUtf8().ShouldBe("12");
        failed.ActivityTaskFailedEventAttributes.RetryState.ShouldBe(RetryState.Timeout);
        failed.ActivityTaskFailedEventAttributes.Failure.Cause.TimeoutFailureInfo.TimeoutType.ShouldBe(TimeoutType.Heartbeat);
    }

    [Fact]
    public void AHistoryReadsWhatItWrote()
    {
        var history = WorkflowHistory.FromJson("w", Cli);
        WorkflowHistory.FromJson("w", history.ToJson()).Events.ShouldBe(history.Events);
        var writer = new StringWriter();
        history.ToJson(writer);
        writer.ToString().ShouldBe(history.ToJson());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"events":[{"eventId":{}}]}""")]
    public void WhatIsNoHistoryIsRefused(string json) =>
        Should.Throw<ArgumentException>(() => WorkflowHistory.FromJson("w", json)).Message.ShouldStartWith("JSON is not expected history object");
}
