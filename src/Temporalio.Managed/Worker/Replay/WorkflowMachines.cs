using System.Globalization;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Common;
using Temporalio.Exceptions;

namespace Temporalio.Worker.Replay;

/// <summary>
/// One run's machines: what the workflow has asked for and how far each of it is. History goes in event by event; what
/// it means for the workflow's code comes out as jobs; what the code asks for goes into the command buffer.
/// Used by one thread at a time.
/// </summary>
sealed partial class WorkflowMachines
{
    // Those that later events may refer to; one leaves with the last of them, so that a long run does not keep every input and result.
    readonly Dictionary<long, CommandMachine> _byRecordedEventId = [];
    readonly List<LocalActivityMachine> _localActivities = [];
    readonly List<LocalActivityMachine> _toStop = [];
    readonly Queue<LocalActivityMarker> _peekedMarkers = new();
    uint _timers;
    uint _activities;

    public CommandBuffer Commands { get; } = new();

    public ActivationJobs Jobs { get; } = new();

    /// <summary>The workflow's clock, UTC: the start of its current task, moved on by local activities. It never goes back.</summary>
    public DateTime Now { get; private set; }

    public bool Replaying { get; set; } = true;

    public int HistoryLength { get; private set; }

    public long HistorySize { get; private set; }

    public bool ContinueAsNewSuggested { get; private set; }

    public IReadOnlyCollection<Workflows.SuggestContinueAsNewReason> SuggestedContinueAsNewReasons { get; private set; } = [];

    public bool TargetWorkerDeploymentVersionChanged { get; private set; }

    /// <summary>This worker's version.</summary>
    public WorkerDeploymentVersion? OwnDeploymentVersion { get; set; }

    /// <summary>The version that ran the current task first.</summary>
    public WorkerDeploymentVersion? DeploymentVersion { get; private set; }

    /// <summary>Set by the code side: what to do when history says that the run was signalled or asked to cancel.</summary>
    public Action<WorkflowExecutionSignaledEventAttributes> OnSignaled { get; set; } = _ => { };

    public Action OnCancelRequested { get; set; } = () => { };

    public Action<string> OnReset { get; set; } = _ => { };

    public uint NextTimerSeq() => ++_timers;

    public uint NextActivitySeq() => ++_activities;

    /// <summary>Local activities that this worker must run now: asked for, and not in history.</summary>
    public IEnumerable<LocalActivityMachine> PendingLocalActivities() => _localActivities.Where(a => !a.IsResolved);

    public void Add(LocalActivityMachine machine) => _localActivities.Add(machine);

    public void MoveClock(DateTime? time)
    {
        if (time > Now) Now = time.Value;
    }

    /// <summary>Takes in one workflow task's events, and notes which outcomes the task itself recorded.</summary>
    public void Apply(WorkflowTaskEvents task)
    {
        Replaying = task.Replaying;
        DeploymentVersion = task.Completed == null ? OwnDeploymentVersion : VersionOf(task.Completed.WorkflowTaskCompletedEventAttributes) ?? DeploymentVersion;
        _flags.UnionWith(task.Completed?.WorkflowTaskCompletedEventAttributes.SdkMetadata?.CoreUsedFlags ?? []);
        ApplyAll(task.Events);
        foreach (var e in task.Decided)
        {
            if (LocalActivityMarker.Is(e)) _peekedMarkers.Enqueue(LocalActivityMarker.Read(e));
            else if (PatchMarker.Read(e) is { } patch) Know(patch.Id);
            else if (e.WorkflowExecutionUpdateAcceptedEventAttributes is { } accepted) Reaccept(accepted);
        }
        HandOverRequests(long.MaxValue);
    }

    public void ApplyAll(IReadOnlyList<HistoryEvent> events)
    {
        for (var i = 0; i < events.Count; i++)
        {
            var e = events[i];
            HistoryLength = (int)e.EventId;
            HandOverRequests(e.EventId - 1);
            if (HistoryCursor.IsDecision(e))
            {
                i += Record(e, i + 1 < events.Count ? events[i + 1] : null);
                continue;
            }
            // What a task decided stands directly behind its completion, all of it.
            if (e.EventType != EventType.WorkflowTaskCompleted) AssertAllRecorded(e);
            Happen(e);
        }
    }

    /// <summary>
    /// Resolves the local activity whose marker comes next in the task being replayed. One at a time and in the markers'
    /// order: so the workflow sees the outcomes as it did the first time.
    /// </summary>
    public void ResolveNextFromMarkers()
    {
        if (NextFromMarkers() is not { } machine) return;
        var marker = _peekedMarkers.Dequeue();
        MoveClock(marker.CompleteTime?.ToUtc());
        machine.Resolve(marker, Commands);
    }

    public bool HasResolvableMarker => NextFromMarkers() != null;

    LocalActivityMachine? NextFromMarkers() => _peekedMarkers.TryPeek(out var marker)
        ? _localActivities.Find(a => a.Request.Seq == marker.Seq && !a.IsResolved)
        : null;

    /// <summary>Cancels a local activity; one that is being replayed ends as its marker says.</summary>
    public void Cancel(LocalActivityMachine machine)
    {
        if (machine.IsResolved) return;
        if (Replaying)
        {
            if (_peekedMarkers.TryPeek(out var next) && next.Seq == machine.Request.Seq && !machine.WaitsWhenCancelled)
                ResolveNextFromMarkers();
            return;
        }
        if (machine.Request.Options.CancellationType != Workflows.ActivityCancellationType.Abandon) _toStop.Add(machine);
        if (!machine.WaitsWhenCancelled) machine.ResolveCancelled(Commands);
    }

    /// <summary>
    /// Local activities that the code has cancelled since last asked. Who runs them stops them, and not the code itself:
    /// an activity's own cancellation callbacks do not belong on the workflow's thread.
    /// </summary>
    public IReadOnlyList<LocalActivityMachine> TakeToStop()
    {
        if (_toStop.Count == 0) return [];
        LocalActivityMachine[] taken = [.. _toStop];
        _toStop.Clear();
        return taken;
    }

    void AssertAllRecorded(HistoryEvent e)
    {
        while (Commands.Peek() is { } asked)
        {
            if (asked is not PatchMachine) throw Nondeterminism.Error(e, $"the workflow asked for {asked.Describe()} before it, which history does not have");
            Commands.Remove(asked); // the run started before the patch did
        }
    }

    // Returns how many of the following events this one has swallowed.
    int Record(HistoryEvent e, HistoryEvent? next)
    {
        var patch = PatchMarker.Read(e);
        while (Commands.Peek() is PatchMachine asked && !asked.Records(e) && patch == null)
            Commands.Remove(asked); // the run started before the patch did
        if (patch is { Deprecated: true } && !(Commands.Peek() is PatchMachine mine && mine.Records(e)))
            return IsPatchAttribute(next) ? 1 : 0;

        var machine = Commands.Match(e);
        if (machine is LocalActivityMachine local) _localActivities.Remove(local);
        else if (IsFollowed(e.EventType)) _byRecordedEventId[e.EventId] = machine;
        else if (e.EventType == EventType.TimerCanceled) _byRecordedEventId.Remove(e.TimerCanceledEventAttributes.StartedEventId);
        return 0;
    }

    static bool IsPatchAttribute(HistoryEvent? e) =>
        e?.UpsertWorkflowSearchAttributesEventAttributes?.SearchAttributes?.IndexedFields.ContainsKey(PatchMarker.SearchAttribute) == true;

    void Happen(HistoryEvent e)
    {
        switch (e.EventType)
        {
            case EventType.WorkflowExecutionStarted:
                MoveClock(e.EventTime.ToDateTime());
                break;
            case EventType.WorkflowTaskStarted:
                var started = e.WorkflowTaskStartedEventAttributes;
                MoveClock(e.EventTime.ToDateTime());
                HistorySize = started.HistorySizeBytes;
                ContinueAsNewSuggested = started.SuggestContinueAsNew;
                SuggestedContinueAsNewReasons = [.. started.SuggestContinueAsNewReasons.Where(r => r != 0).Select(r => (Workflows.SuggestContinueAsNewReason)r)];
                TargetWorkerDeploymentVersionChanged = started.TargetWorkerDeploymentVersionChanged;
                break;
            case EventType.WorkflowExecutionSignaled:
                Jobs.Add(JobOrder.Signal, () => OnSignaled(e.WorkflowExecutionSignaledEventAttributes));
                break;
            case EventType.WorkflowExecutionUpdateAdmitted:
                Admit(e);
                break;
            case EventType.WorkflowExecutionCancelRequested:
                Jobs.Add(JobOrder.Other, () => OnCancelRequested());
                break;
            case EventType.WorkflowTaskFailed when e.WorkflowTaskFailedEventAttributes.NewRunId is { Length: > 0 } newRunId:
                Jobs.Add(JobOrder.Seed, () => OnReset(newRunId));
                break;
            case EventType.WorkflowTaskScheduled or EventType.WorkflowTaskCompleted or EventType.WorkflowTaskFailed
                or EventType.WorkflowTaskTimedOut or EventType.WorkflowExecutionTerminated or EventType.WorkflowExecutionTimedOut
                or EventType.WorkflowExecutionOptionsUpdated:
                break;
            default:
                if (RecordedEventId(e) is { } id) HappenTo(e, id);
                else if (!e.WorkerMayIgnore)
                    throw new InvalidWorkflowOperationException(
                        string.Create(CultureInfo.InvariantCulture, $"Event {e.EventId} ({e.EventType}) is not supported by this worker."));
                break;
        }
    }

    void HappenTo(HistoryEvent e, long recordedEventId)
    {
        if (!_byRecordedEventId.TryGetValue(recordedEventId, out var machine))
            throw Nondeterminism.Error(e, $"it refers to event {recordedEventId}, which the workflow did not ask for");
        machine.OnEvent(e, Jobs);
        if (e.EventType is not (EventType.ActivityTaskStarted or EventType.ChildWorkflowExecutionStarted)) _byRecordedEventId.Remove(recordedEventId);
    }

    static bool IsFollowed(EventType type) => type is EventType.ActivityTaskScheduled or EventType.TimerStarted or EventType.StartChildWorkflowExecutionInitiated
        or EventType.SignalExternalWorkflowExecutionInitiated or EventType.RequestCancelExternalWorkflowExecutionInitiated;

    static long? RecordedEventId(HistoryEvent e) => e.EventType switch
    {
        EventType.ActivityTaskStarted => e.ActivityTaskStartedEventAttributes.ScheduledEventId,
        EventType.ActivityTaskCompleted => e.ActivityTaskCompletedEventAttributes.ScheduledEventId,
        EventType.ActivityTaskFailed => e.ActivityTaskFailedEventAttributes.ScheduledEventId,
        EventType.ActivityTaskTimedOut => e.ActivityTaskTimedOutEventAttributes.ScheduledEventId,
        EventType.ActivityTaskCanceled => e.ActivityTaskCanceledEventAttributes.ScheduledEventId,
        EventType.TimerFired => e.TimerFiredEventAttributes.StartedEventId,
        EventType.StartChildWorkflowExecutionFailed => e.StartChildWorkflowExecutionFailedEventAttributes.InitiatedEventId,
        EventType.ChildWorkflowExecutionStarted => e.ChildWorkflowExecutionStartedEventAttributes.InitiatedEventId,
        EventType.ChildWorkflowExecutionCompleted => e.ChildWorkflowExecutionCompletedEventAttributes.InitiatedEventId,
        EventType.ChildWorkflowExecutionFailed => e.ChildWorkflowExecutionFailedEventAttributes.InitiatedEventId,
        EventType.ChildWorkflowExecutionCanceled => e.ChildWorkflowExecutionCanceledEventAttributes.InitiatedEventId,
        EventType.ChildWorkflowExecutionTimedOut => e.ChildWorkflowExecutionTimedOutEventAttributes.InitiatedEventId,
        EventType.ChildWorkflowExecutionTerminated => e.ChildWorkflowExecutionTerminatedEventAttributes.InitiatedEventId,
        EventType.ExternalWorkflowExecutionSignaled => e.ExternalWorkflowExecutionSignaledEventAttributes.InitiatedEventId,
        EventType.SignalExternalWorkflowExecutionFailed => e.SignalExternalWorkflowExecutionFailedEventAttributes.InitiatedEventId,
        EventType.ExternalWorkflowExecutionCancelRequested => e.ExternalWorkflowExecutionCancelRequestedEventAttributes.InitiatedEventId,
        EventType.RequestCancelExternalWorkflowExecutionFailed => e.RequestCancelExternalWorkflowExecutionFailedEventAttributes.InitiatedEventId,
        _ => null,
    };
}
