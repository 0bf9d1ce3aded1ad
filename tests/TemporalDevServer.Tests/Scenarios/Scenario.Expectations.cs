using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Tests.Scenarios;

// What "expect" looks at.
sealed partial class Scenario
{
    void Expect(string[] names, string line)
    {
        switch (names[1..])
        {
            case ["error", var code]:
                (_error?.Code.ToString()).ShouldBe(code, _error?.Message);
                _error = null;
                break;
            case ["timeout", var id, var type, .. var details]:
                TimeoutOf(id).ShouldBe((type, Details(details)));
                break;
            case ["retry", var id, var state]:
                EventsOf(id).Select(RetryStateOf).Last(found => found is not null).ToString().ShouldBe(state);
                break;
            // As the event's message itself writes it: "1.500s".
            case ["event", var id, var type, var text]:
                EventsOf(id).Last(e => e.EventType.ToString() == type).ToString().Replace(" ", "").ShouldContain(text);
                break;
            case ["events", var id, var count]: $"{EventsOf(id).Count}".ShouldBe(count); break;
            case ["update", var update, "pending"]: _late.ShouldNotContainKey(_updates[update]); break;
            case ["update", var update, var outcome]:
                OutcomeOf(_late[_updates[update]]).ShouldBe(outcome);
                break;
            case ["started", var newly]: (_started?.Started.ToString()).ShouldBe(newly); break;
            case ["same", "run", var id]: RunOf(id).ShouldBe(_remembered); break;
            case ["new", "run", var id]: RunOf(id).ShouldNotBe(_remembered); break;
            case ["query", var outcome]: QueryOutcome().ShouldBe(outcome); break;
            case ["gone", var id]:
                Call(new DescribeWorkflowExecutionRequest { Namespace = Namespace, Execution = Named(id) });
                Do("expect error NotFound");
                break;
            case ["status", var id, var status]: StatusOf(id).ShouldBe(status); break;
            case ["history", var id, .. var events]: HistoryOf(id).ShouldBe(events); break;
            default: ExpectAsWorker(names[1..], line); break;
        }
    }

    void ExpectAsWorker(string[] names, string line)
    {
        switch (names)
        {
            case ["task", "of", var id]: _task.WorkflowExecution?.WorkflowId.ShouldBe(id); break;
            case ["activity", var id, "priority", var priority]:
                $"{_activity.ActivityId} {_activity.Priority?.PriorityKey}".ShouldBe($"{id} {priority}");
                break;
            case ["task"]: _task.TaskToken.IsEmpty.ShouldBeFalse("no workflow task came"); break;
            case ["no", "task"]: _task.TaskToken.IsEmpty.ShouldBeTrue("a workflow task came"); break;
            case ["activity"]: _activity.TaskToken.IsEmpty.ShouldBeFalse("no activity came"); break;
            case ["no", "activity"]: _activity.TaskToken.IsEmpty.ShouldBeTrue("an activity came"); break;
            case ["attempt", var attempt]: $"{_activity.Attempt}".ShouldBe(attempt); break;
            case ["heartbeat", .. var details]: _activity.HeartbeatDetails.ShouldBe(Details(details)); break;
            case ["cancel", var asked]: (_heartbeat?.CancelRequested.ToString()).ShouldBe(asked); break;
            case ["task", "attempt", var attempt]: $"{_task.Attempt}".ShouldBe(attempt); break;
            case ["queries", var count]: $"{_task.Queries.Count}".ShouldBe(count); break;
            case ["from", var eventId]: $"{_task.History.Events[0].EventId}".ShouldBe(eventId); break;
            case ["message", var update]:
                _task.Messages.ShouldContain(message => message.ProtocolInstanceId == update);
                break;
            default: throw new FormatException($"No step reads so: {line}");
        }
    }

    static string? OutcomeOf(Reply reply) => reply.Error?.Code.ToString() ?? (reply.Message switch
    {
        ExecuteMultiOperationResponse both => both.Responses[1].UpdateWorkflow,
        var alone => (UpdateWorkflowExecutionResponse?)alone,
    })?.Outcome?.ValueCase.ToString();

    string StatusOf(string id) => InfoOf(id).Status.ToString();

    string RunOf(string id) => InfoOf(id).Execution.RunId;

    WorkflowExecutionInfo InfoOf(string id)
    {
        var request = new DescribeWorkflowExecutionRequest { Namespace = Namespace, Execution = Named(id) };
        return ((DescribeWorkflowExecutionResponse)Call(request)!).WorkflowExecutionInfo;
    }

    string QueryOutcome()
    {
        if (!_late.TryGetValue(_query, out var reply)) return "pending";
        if (reply.Error is { } error) return error.Code.ToString();
        return ((QueryWorkflowResponse)reply.Message!).QueryRejected is null ? "answered" : "rejected";
    }

    string[] HistoryOf(string id) => [.. EventsOf(id).Select(e => e.EventType.ToString())];

    // By pages, as a reader with little room asks for it.
    List<HistoryEvent> EventsOf(string id)
    {
        var events = new List<HistoryEvent>();
        var request = new GetWorkflowExecutionHistoryRequest
        {
            Namespace = Namespace,
            Execution = Named(id),
            MaximumPageSize = 7,
        };
        do
        {
            var page = (GetWorkflowExecutionHistoryResponse)Call(request)!;
            page.History.Events.Count.ShouldBeInRange(1, request.MaximumPageSize);
            events.AddRange(page.History.Events);
            request.NextPageToken = page.NextPageToken;
        }
        while (!request.NextPageToken.IsEmpty);
        events.Select(e => e.EventId).ShouldBe(Enumerable.Range(1, events.Count).Select(number => (long)number));
        return events;
    }

    (string, Payloads?) TimeoutOf(string id)
    {
        var timedOut = EventsOf(id).Last(e => e.EventType == EventType.ActivityTaskTimedOut);
        var failure = timedOut.ActivityTaskTimedOutEventAttributes.Failure;
        return (failure.TimeoutFailureInfo.TimeoutType.ToString(), failure.TimeoutFailureInfo.LastHeartbeatDetails);
    }

    static RetryState? RetryStateOf(HistoryEvent e) =>
        e.ActivityTaskFailedEventAttributes?.RetryState ?? e.ActivityTaskTimedOutEventAttributes?.RetryState
            ?? e.WorkflowExecutionFailedEventAttributes?.RetryState;
}
