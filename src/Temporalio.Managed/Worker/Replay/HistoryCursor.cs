using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Temporalio.Worker.Replay;

/// <summary>
/// Events that lead up to and include the start of one workflow task, and what that task decided.
/// </summary>
/// <param name="Events">Not seen before, oldest first; the last one is the task's start.</param>
/// <param name="Started">The task's start.</param>
/// <param name="Completed">The task's completion, when history already has it: then this is a replay.</param>
/// <param name="Decided">The events that the task's commands became, in order.</param>
sealed record WorkflowTaskEvents(
    IReadOnlyList<HistoryEvent> Events,
    HistoryEvent Started,
    HistoryEvent? Completed,
    IReadOnlyList<HistoryEvent> Decided)
{
    public bool Replaying => Completed != null;
}

/// <summary>
/// Cuts a history, as it arrives, into workflow tasks. A task that failed or timed out decided nothing, so its events
/// belong to the next one.
/// </summary>
sealed class HistoryCursor
{
    readonly List<HistoryEvent> _events = [];

    /// <summary>The last event handed out; the next one expected from the server follows it.</summary>
    public long LastTakenEventId { get; private set; }

    /// <summary>Takes events in order; those already known are skipped.</summary>
    /// <returns>False when events are missing in between: the caller must fetch the whole history.</returns>
    public bool TryAdd(IEnumerable<HistoryEvent> events)
    {
        // What was added but not taken may have been part of a task that did not come to be: the server says it anew.
        _events.Clear();
        var next = LastTakenEventId + 1;
        foreach (var e in events)
        {
            if (e.EventId < next) continue;
            if (e.EventId > next) return false;
            _events.Add(e);
            next++;
        }
        return true;
    }

    public bool TryTake(out WorkflowTaskEvents? task)
    {
        task = null;
        for (var i = 0; i < _events.Count; i++)
        {
            if (_events[i].EventType != EventType.WorkflowTaskStarted) continue;
            var following = i + 1 < _events.Count ? _events[i + 1] : null;
            if (following != null && following.EventType != EventType.WorkflowTaskCompleted) continue;

            var decided = new List<HistoryEvent>();
            for (var k = i + 2; k < _events.Count && IsDecision(_events[k]); k++) decided.Add(_events[k]);
            task = new WorkflowTaskEvents(_events[..(i + 1)], _events[i], following, decided);
            _events.RemoveRange(0, i + 1);
            LastTakenEventId = task.Started.EventId;
            return true;
        }
        return false;
    }

    /// <summary>The events after the last workflow task: the end of a closed history.</summary>
    public IReadOnlyList<HistoryEvent> TakeRest()
    {
        HistoryEvent[] rest = [.. _events];
        _events.Clear();
        if (rest.Length > 0) LastTakenEventId = rest[^1].EventId;
        return rest;
    }

    /// <summary>Whether an event is what a command of a workflow task became, rather than something that happened.</summary>
    public static bool IsDecision(HistoryEvent e) => e.EventType switch
    {
        EventType.ActivityTaskScheduled or EventType.ActivityTaskCancelRequested
            or EventType.TimerStarted or EventType.TimerCanceled or EventType.MarkerRecorded
            or EventType.StartChildWorkflowExecutionInitiated
            or EventType.SignalExternalWorkflowExecutionInitiated
            or EventType.RequestCancelExternalWorkflowExecutionInitiated
            or EventType.UpsertWorkflowSearchAttributes or EventType.WorkflowPropertiesModified
            or EventType.WorkflowExecutionUpdateAccepted or EventType.WorkflowExecutionUpdateCompleted
            or EventType.WorkflowExecutionUpdateRejected
            or EventType.WorkflowExecutionCompleted or EventType.WorkflowExecutionFailed
            or EventType.WorkflowExecutionCanceled or EventType.WorkflowExecutionContinuedAsNew => true,
        _ => false,
    };
}
