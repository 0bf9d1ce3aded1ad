using Temporalio.Api.Command.V1;
using Case = Temporalio.Api.Command.V1.Command.AttributesOneofCase;
using Cause = Temporalio.Api.Enums.V1.WorkflowTaskFailedCause;

namespace TemporalDevServer.Engine;

/// <summary>Checks all commands of a task before any is done: a task is taken as a whole or fails as a whole.</summary>
sealed class CommandValidator
{
    readonly HistoryBuilder _history;
    readonly Run _run;

    // What the run would hold after the commands checked so far.
    readonly HashSet<string> _timers;
    readonly HashSet<string> _activities;
    int _activityCount;
    int _childCount;
    int _signalCount;
    int _cancelCount;
    Memo? _memo;
    Temporalio.Api.Common.V1.SearchAttributes? _attributes;
    bool _closes;

    CommandValidator(HistoryBuilder history, Run run)
    {
        _history = history;
        _run = run;
        _timers = [.. run.State.Timers.Keys];
        _activities = [.. run.State.Activities.Values.Select(activity => activity.ActivityId)];
        (_memo, _attributes) = (run.State.Memo, run.State.SearchAttributes);
        _activityCount = run.State.Activities.Count;
        _childCount = run.State.Children.Count;
        _signalCount = run.State.Externals.Values.Count(external => !external.Cancel);
        _cancelCount = run.State.Externals.Values.Count(external => external.Cancel);
    }

    public static CommandError? Validate(
        HistoryBuilder history, Run run, RespondWorkflowTaskCompletedRequest request)
    {
        var check = new CommandValidator(history, run);
        foreach (var command in request.Commands)
            if (check.Check(command) is { } error) return error;
        return check.CheckEnd() ?? UpdateMessages.Validate(run, request);
    }

    CommandError? Check(Command command)
    {
        if (_closes) return Error(Cause.UnhandledCommand, "A command follows the one that ends the workflow.");
        switch (command.AttributesCase)
        {
            case Case.ScheduleActivityTaskCommandAttributes:
                return Activity(command.ScheduleActivityTaskCommandAttributes);
            case Case.RequestCancelActivityTaskCommandAttributes:
                return CancelActivity(command.RequestCancelActivityTaskCommandAttributes);
            case Case.StartTimerCommandAttributes: return Timer(command.StartTimerCommandAttributes);
            case Case.CancelTimerCommandAttributes: return CancelTimer(command.CancelTimerCommandAttributes);
            case Case.RecordMarkerCommandAttributes: return Marker(command.RecordMarkerCommandAttributes);
            case Case.StartChildWorkflowExecutionCommandAttributes:
                return Child(command.StartChildWorkflowExecutionCommandAttributes);
            case Case.SignalExternalWorkflowExecutionCommandAttributes:
                return Signal(command.SignalExternalWorkflowExecutionCommandAttributes);
            case Case.RequestCancelExternalWorkflowExecutionCommandAttributes:
                return Cancel(command.RequestCancelExternalWorkflowExecutionCommandAttributes);
            case Case.UpsertWorkflowSearchAttributesCommandAttributes:
                return Upsert(command.UpsertWorkflowSearchAttributesCommandAttributes.SearchAttributes);
            case Case.ModifyWorkflowPropertiesCommandAttributes:
                return Memo(command.ModifyWorkflowPropertiesCommandAttributes.UpsertedMemo);
            case Case.ProtocolMessageCommandAttributes: return null;
        }
        _closes = true;
        return command.AttributesCase switch
        {
            Case.CompleteWorkflowExecutionCommandAttributes =>
                Complete(command.CompleteWorkflowExecutionCommandAttributes),
            Case.FailWorkflowExecutionCommandAttributes => Fail(command.FailWorkflowExecutionCommandAttributes),
            Case.CancelWorkflowExecutionCommandAttributes => null,
            Case.ContinueAsNewWorkflowExecutionCommandAttributes =>
                ContinueAsNew(command.ContinueAsNewWorkflowExecutionCommandAttributes),
            _ => Error(Cause.FeatureDisabled, $"{command.CommandType} is not implemented by this server."),
        };
    }

    CommandError? CheckEnd() =>
        _closes && _run.State.Buffered.Count > 0 ? Error(Cause.UnhandledCommand, "UnhandledCommand") : null;

    CommandError? Activity(ScheduleActivityTaskCommandAttributes a)
    {
        const Cause cause = Cause.BadScheduleActivityAttributes;
        if (a.ActivityId.Length == 0) return Error(cause, "ActivityId is not set on ScheduleActivityTaskCommand.");
        if (a.ActivityType is null || a.ActivityType.Name.Length == 0)
            return Error(cause, $"ActivityType is not set on ScheduleActivityTaskCommand. ActivityId={a.ActivityId}");
        if (TooLong(a.ActivityId, a.ActivityType.Name, a.TaskQueue?.Name))
            return Error(
                cause, "ActivityId, ActivityType or TaskQueue on ScheduleActivityTaskCommand exceeds length limit.");
        if (Timeouts(a).Any(Ticks.IsNegative))
            return Error(cause, "A timeout of ScheduleActivityTaskCommand is negative.");
        if (Ticks.Of(a.ScheduleToCloseTimeout) == 0 && Ticks.Of(a.StartToCloseTimeout) == 0)
            return Error(
                cause,
                "A valid StartToClose or ScheduleToCloseTimeout is not set on ScheduleActivityTaskCommand. "
                + $"ActivityId={a.ActivityId} ActivityType={a.ActivityType.Name}");
        if (RetrySchedule.Validate(a.RetryPolicy) is { } text) return Error(cause, text);
        if (!_activities.Add(a.ActivityId))
            return Error(
                Cause.ScheduleActivityDuplicateId,
                $"ScheduleActivityTaskCommand: activity {a.ActivityId} is there already.");
        return CheckCount(++_activityCount, Cause.PendingActivitiesLimitExceeded, "pending activities")
            ?? CheckSize(cause, "ScheduleActivityTaskCommandAttributes.Input", BytesOf(a.Input));
    }

    static Google.Protobuf.WellKnownTypes.Duration?[] Timeouts(ScheduleActivityTaskCommandAttributes a) =>
        [a.ScheduleToCloseTimeout, a.ScheduleToStartTimeout, a.StartToCloseTimeout, a.HeartbeatTimeout];

    CommandError? CancelActivity(RequestCancelActivityTaskCommandAttributes a)
    {
        if (_run.State.Activities.ContainsKey(a.ScheduledEventId) || a.ScheduledEventId >= _run.State.NextEventId)
            return null;
        // It may have ended while the worker decided to cancel it.
        if (a.ScheduledEventId > 0
            && _history.Event(_run, a.ScheduledEventId).EventType == EventType.ActivityTaskScheduled)
            return null;
        return Error(
            Cause.BadRequestCancelActivityAttributes, $"ACTIVITY_UNKNOWN: scheduledEventID: {a.ScheduledEventId}");
    }

    CommandError? Timer(StartTimerCommandAttributes a)
    {
        const Cause cause = Cause.BadStartTimerAttributes;
        if (a.TimerId.Length == 0) return Error(cause, "TimerId is not set on StartTimerCommand.");
        if (TooLong(a.TimerId)) return Error(cause, "TimerId on StartTimerCommand exceeds length limit.");
        if (Ticks.IsNegative(a.StartToFireTimeout))
            return Error(cause, "A valid StartToFireTimeout is not set on StartTimerCommand.");
        if (_timers.Add(a.TimerId)) return null;
        return Error(Cause.StartTimerDuplicateId, $"StartTimerCommand: timer {a.TimerId} is there already.");
    }

    CommandError? CancelTimer(CancelTimerCommandAttributes a)
    {
        const Cause cause = Cause.BadCancelTimerAttributes;
        if (a.TimerId.Length == 0) return Error(cause, "TimerId is not set on CancelTimerCommand.");
        var firedMeanwhile = _run.State.Buffered.Any(e => e.TimerFiredEventAttributes?.TimerId == a.TimerId);
        return _timers.Remove(a.TimerId) || firedMeanwhile
            ? null
            : Error(cause, $"TIMER_UNKNOWN: timerID: {a.TimerId}");
    }

    static CommandError? Marker(RecordMarkerCommandAttributes a)
    {
        const Cause cause = Cause.BadRecordMarkerAttributes;
        if (a.MarkerName.Length == 0) return Error(cause, "MarkerName is not set on RecordMarkerCommand.");
        return CheckSize(cause, "RecordMarkerCommandAttributes.Details", a.Details.Values.Sum(BytesOf));
    }

    CommandError? Upsert(Temporalio.Api.Common.V1.SearchAttributes? attributes)
    {
        if (attributes is not { IndexedFields.Count: > 0 })
            return Error(
                Cause.BadSearchAttributes, "IndexedFields is not set on UpsertWorkflowSearchAttributesCommand.");
        if (CheckSearchAttributes(attributes) is { } error) return error;
        _attributes = SearchAttributeRules.Merge(_attributes, attributes);
        return SearchAttributeRules.ValidateSize(_attributes) is { } text
            ? Error(Cause.BadSearchAttributes, text)
            : null;
    }

    // Lists show the memo as a whole, so the whole has the bound of a payload.
    CommandError? Memo(Memo? upserted)
    {
        _memo = CommandHandler.Merge(_memo, upserted);
        return CheckSize(
            Cause.BadModifyWorkflowPropertiesAttributes,
            "ModifyWorkflowPropertiesCommandAttributes.UpsertedMemo",
            Math.Max(BytesOf(upserted), BytesOf(_memo)));
    }

    CommandError? Child(StartChildWorkflowExecutionCommandAttributes a)
    {
        const Cause cause = Cause.BadStartChildExecutionAttributes;
        if (a.WorkflowId.Length == 0)
            return Error(cause, "Required field WorkflowId is not set on StartChildWorkflowExecutionCommand.");
        if (a.WorkflowType is null || a.WorkflowType.Name.Length == 0)
            return Error(cause, "Required field WorkflowType is not set on StartChildWorkflowExecutionCommand.");
        if (TooLong(a.WorkflowId, a.WorkflowType.Name, a.TaskQueue?.Name))
            return Error(
                cause,
                "WorkflowId, WorkflowType or TaskQueue on StartChildWorkflowExecutionCommand exceeds length limit.");
        if (a.CronSchedule.Length > 0) return Error(cause, WorkflowStarts.NoCron);
        if (RetrySchedule.Validate(a.RetryPolicy) is { } text) return Error(cause, text);
        return CheckSearchAttributes(a.SearchAttributes)
            ?? CheckNamespace(cause, a.Namespace)
            ?? CheckCount(++_childCount, Cause.PendingChildWorkflowsLimitExceeded, "pending child workflow executions")
            ?? CheckSize(
                cause, "StartChildWorkflowExecutionCommandAttributes.Input", BytesOf(a.Input) + BytesOf(a.Memo));
    }

    CommandError? Signal(SignalExternalWorkflowExecutionCommandAttributes a)
    {
        const Cause cause = Cause.BadSignalWorkflowExecutionAttributes;
        if (a.Execution is null || a.Execution.WorkflowId.Length == 0)
            return Error(cause, "Execution is not set on SignalExternalWorkflowExecutionCommand.");
        if (a.SignalName.Length == 0)
            return Error(cause, "SignalName is not set on SignalExternalWorkflowExecutionCommand.");
        if (TooLong(a.Execution.WorkflowId, a.SignalName))
            return Error(
                cause, "WorkflowId or SignalName on SignalExternalWorkflowExecutionCommand exceeds length limit.");
        if (!IsRunId(a.Execution.RunId))
            return Error(cause, "Invalid RunId set on SignalExternalWorkflowExecutionCommand.");
        return CheckNamespace(cause, a.Namespace)
            ?? CheckCount(++_signalCount, Cause.PendingSignalsLimitExceeded, "pending signals to external workflows")
            ?? CheckSize(
                Cause.BadSignalInputSize, "SignalExternalWorkflowExecutionCommandAttributes.Input", BytesOf(a.Input));
    }

    CommandError? Cancel(RequestCancelExternalWorkflowExecutionCommandAttributes a)
    {
        const Cause cause = Cause.BadRequestCancelExternalWorkflowExecutionAttributes;
        if (a.WorkflowId.Length == 0)
            return Error(cause, "WorkflowId is not set on RequestCancelExternalWorkflowExecutionCommand.");
        if (TooLong(a.WorkflowId))
            return Error(cause, "WorkflowId on RequestCancelExternalWorkflowExecutionCommand exceeds length limit.");
        if (!IsRunId(a.RunId))
            return Error(cause, "Invalid RunId set on RequestCancelExternalWorkflowExecutionCommand.");
        return CheckNamespace(cause, a.Namespace)
            ?? CheckCount(
                ++_cancelCount,
                Cause.PendingRequestCancelLimitExceeded,
                "pending requests to cancel external workflows");
    }

    static CommandError? Complete(CompleteWorkflowExecutionCommandAttributes a) =>
        CheckSize(
            Cause.BadCompleteWorkflowExecutionAttributes,
            "CompleteWorkflowExecutionCommandAttributes.Result",
            BytesOf(a.Result));

    static CommandError? Fail(FailWorkflowExecutionCommandAttributes a) =>
        a.Failure is null
            ? Error(Cause.BadFailWorkflowExecutionAttributes, "Failure is not set on FailWorkflowCommand.")
            : null;

    CommandError? ContinueAsNew(ContinueAsNewWorkflowExecutionCommandAttributes a)
    {
        const Cause cause = Cause.BadContinueAsNewAttributes;
        if (a.CronSchedule.Length > 0) return Error(cause, WorkflowStarts.NoCron);
        if (TooLong(a.WorkflowType?.Name, a.TaskQueue?.Name))
            return Error(
                cause, "WorkflowType or TaskQueue on ContinueAsNewWorkflowExecutionCommand exceeds length limit.");
        return CheckSearchAttributes(a.SearchAttributes)
            ?? CheckSize(
                cause, "ContinueAsNewWorkflowExecutionCommandAttributes.Input", BytesOf(a.Input) + BytesOf(a.Memo));
    }

    CommandError? CheckSearchAttributes(Temporalio.Api.Common.V1.SearchAttributes? attributes) =>
        SearchAttributeRules.Validate(_run.Namespace, attributes) is { } text
            ? Error(Cause.BadSearchAttributes, text)
            : null;

    // A command may name only its own workflow's namespace: access to one gives no access to another.
    CommandError? CheckNamespace(Cause cause, string name)
    {
        if (name.Length == 0 || name == _run.Namespace.Name) return null;
        return Error(
            cause, $"Namespace {name} is not the one of this workflow; calls across namespaces are not enabled.");
    }

    static CommandError? CheckCount(int count, Cause cause, string what)
    {
        if (count <= Limits.PendingMax) return null;
        return Error(
            cause, $"the number of {what}, {count - 1}, has reached the per-workflow limit of {Limits.PendingMax}");
    }

    static CommandError? CheckSize(Cause cause, string what, int bytes) =>
        bytes > Limits.PayloadBytesMax ? Error(cause, $"{what} exceeds size limit.") : null;

    static CommandError? Error(Cause cause, string message) => new CommandError(cause, $"{cause}: {message}");

    static int BytesOf(IMessage? message) => message?.CalculateSize() ?? 0;

    static bool IsRunId(string runId) => runId.Length == 0 || Guid.TryParse(runId, out _);

    static bool TooLong(params string?[] ids) => ids.Any(id => id?.Length > Limits.IdMax);
}
