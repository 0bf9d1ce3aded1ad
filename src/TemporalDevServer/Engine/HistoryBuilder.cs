namespace TemporalDevServer.Engine;

/// <summary>
/// Writes events. While a worker has the workflow task, what comes from outside is buffered and gets its number when
/// the task ends; ends of activities and children then follow everything else. An event is never changed once it has a
/// number.
/// </summary>
sealed class HistoryBuilder(EngineStep step, IdSource ids, RunIndex runs, IHistoryArchive archive)
{
    // The part of the archive that this step has read.
    (HistoryPart? Part, IReadOnlyList<HistoryEvent> Events) _read;

    /// <summary>An event that follows from a workflow task or from the server's own decision.</summary>
    public HistoryEvent Add(Run run, HistoryEvent e)
    {
        e.EventTime = step.Time;
        return Number(run, e);
    }

    /// <summary>An event that comes from outside: buffered while a worker has the workflow task.</summary>
    public void AddExternal(Run run, HistoryEvent e)
    {
        ConvertToNormal(run);
        e.EventTime = step.Time;
        runs.Touch(run);
        if (run.HasStartedTask) run.State.Buffered.Add(e);
        else Number(run, e);
    }

    /// <summary>A speculative task is written down, in front of what else happens to its run.</summary>
    public void ConvertToNormal(Run run)
    {
        if (run.Task is not { Speculative: true } task) return;
        task.Speculative = false;
        if (task.StartedEventId != 0)
        {
            WriteTask(run, task);
            return;
        }
        task.Unwritten = false;
        task.ScheduledEventId = Add(run, WorkflowTaskEvents.Scheduled(run, task)).EventId;
        if (!task.Sticky) task.StartExpires = 0;
        runs.Touch(run);
    }

    /// <summary>Writes the two events of a task that has left them out.</summary>
    public void WriteTask(Run run, WorkflowTaskState task)
    {
        if (!task.Unwritten) return;
        task.Unwritten = false;
        task.ScheduledEventId = Add(run, WorkflowTaskEvents.Scheduled(run, task)).EventId;
        task.StartedEventId = Add(run, WorkflowTaskEvents.Started(task)).EventId;
    }

    /// <summary>Gives buffered events their places. True when there were any.</summary>
    public bool Flush(Run run)
    {
        if (run.State.Buffered.Count == 0) return false;
        var started = new Dictionary<long, long>();
        foreach (var e in run.State.Buffered.OrderBy(EndsSomething))
        {
            ConnectToStart(e, started);
            Number(run, e);
            if (e.ActivityTaskStartedEventAttributes is { } activity) started[activity.ScheduledEventId] = e.EventId;
            if (e.ChildWorkflowExecutionStartedEventAttributes is { } child)
                SetChildStarted(run, child.InitiatedEventId, e.EventId, started);
        }
        run.State.Buffered.Clear();
        return true;
    }

    /// <summary>The run's first event: what it was started with.</summary>
    public WorkflowExecutionStartedEventAttributes Started(Run run) =>
        Event(run, 1).WorkflowExecutionStartedEventAttributes;

    /// <summary>An event by its number.</summary>
    /// <exception cref="ServiceError">It has left memory, and the archive has lost it.</exception>
    public HistoryEvent Event(Run run, long id)
    {
        var parts = run.State.Archived;
        if (parts.Count == 0) return run.State.History[(int)id - 1];
        var kept = parts[^1].FirstEventId + parts[^1].Events;
        if (id >= kept) return run.State.History[(int)(id - kept)];
        var at = parts.Count - 1;
        while (parts[at].FirstEventId > id) at--;
        if (!ReferenceEquals(_read.Part, parts[at])) _read = (parts[at], archive.Read(parts[at]));
        return _read.Events[(int)(id - parts[at].FirstEventId)];
    }

    /// <summary>Forgets what was read from the archive.</summary>
    public void ClearReadCache() => _read = default;

    HistoryEvent Number(Run run, HistoryEvent e)
    {
        e.EventId = run.State.NextEventId++;
        e.TaskId = ids.NextTaskId();
        run.State.History.Add(e);
        run.State.HistoryBytes += e.CalculateSize();
        runs.Touch(run);
        return e;
    }

    static bool EndsSomething(HistoryEvent e) => e.EventType is
        EventType.ActivityTaskCompleted or EventType.ActivityTaskFailed
        or EventType.ActivityTaskCanceled or EventType.ActivityTaskTimedOut
        or EventType.ChildWorkflowExecutionCompleted or EventType.ChildWorkflowExecutionFailed
        or EventType.ChildWorkflowExecutionCanceled or EventType.ChildWorkflowExecutionTerminated
        or EventType.ChildWorkflowExecutionTimedOut;

    static void SetChildStarted(Run run, long initiated, long startedId, Dictionary<long, long> started)
    {
        started[initiated] = startedId;
        if (run.State.Children.TryGetValue(initiated, out var child)) child.StartedEventId = startedId;
    }

    // An end whose start was buffered with it gets the start's number.
    static void ConnectToStart(HistoryEvent e, Dictionary<long, long> started)
    {
        switch (e)
        {
            case { ActivityTaskCompletedEventAttributes: { } end }:
                end.StartedEventId = Of(end.ScheduledEventId, end.StartedEventId);
                break;
            case { ActivityTaskFailedEventAttributes: { } end }:
                end.StartedEventId = Of(end.ScheduledEventId, end.StartedEventId);
                break;
            case { ActivityTaskCanceledEventAttributes: { } end }:
                end.StartedEventId = Of(end.ScheduledEventId, end.StartedEventId);
                break;
            case { ActivityTaskTimedOutEventAttributes: { } end }:
                end.StartedEventId = Of(end.ScheduledEventId, end.StartedEventId);
                break;
            case { ChildWorkflowExecutionCompletedEventAttributes: { } end }:
                end.StartedEventId = Of(end.InitiatedEventId, end.StartedEventId);
                break;
            case { ChildWorkflowExecutionFailedEventAttributes: { } end }:
                end.StartedEventId = Of(end.InitiatedEventId, end.StartedEventId);
                break;
            case { ChildWorkflowExecutionCanceledEventAttributes: { } end }:
                end.StartedEventId = Of(end.InitiatedEventId, end.StartedEventId);
                break;
            case { ChildWorkflowExecutionTerminatedEventAttributes: { } end }:
                end.StartedEventId = Of(end.InitiatedEventId, end.StartedEventId);
                break;
            case { ChildWorkflowExecutionTimedOutEventAttributes: { } end }:
                end.StartedEventId = Of(end.InitiatedEventId, end.StartedEventId);
                break;
        }

        long Of(long of, long known) => started.TryGetValue(of, out var id) ? id : known;
    }
}
