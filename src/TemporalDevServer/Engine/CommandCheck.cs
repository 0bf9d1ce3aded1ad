using Temporalio.Api.Command.V1;
using Cause = Temporalio.Api.Enums.V1.WorkflowTaskFailedCause;

namespace TemporalDevServer.Engine;

/// <summary>Why a workflow task's answer cannot be taken.</summary>
readonly record struct CommandMistake(Cause Cause, string Message);

/// <summary>Looks at all commands of a task before any is done: a task is taken as a whole or fails as a whole.</summary>
static class CommandCheck
{
    public static CommandMistake? FirstMistake(HistoryBuilder history, Run run, RespondWorkflowTaskCompletedRequest request)
    {
        var pass = new Pass(history, run);
        foreach (var command in request.Commands)
            if (pass.Check(command) is { } mistake) return mistake;
        return pass.CheckEnd() ?? Updates.FirstMistake(run, request);
    }

    sealed class Pass(HistoryBuilder history, Run run)
    {
        readonly HashSet<string> _timers = [.. run.State.Timers.Keys];
        readonly HashSet<string> _activities = [.. run.State.Activities.Values.Select(activity => activity.ActivityId)];
        int _activityCount = run.State.Activities.Count;
        int _childCount = run.State.Children.Count;
        int _signalCount = run.State.Externals.Values.Count(external => !external.Cancel);
        int _cancelCount = run.State.Externals.Values.Count(external => external.Cancel);
        bool _closes;

        public CommandMistake? Check(Command command)
        {
            if (_closes) return Bad(Cause.UnhandledCommand, "A command follows the one that ends the workflow.");
            return command.AttributesCase switch
            {
                Command.AttributesOneofCase.ScheduleActivityTaskCommandAttributes => Activity(command.ScheduleActivityTaskCommandAttributes),
                Command.AttributesOneofCase.RequestCancelActivityTaskCommandAttributes => CancelActivity(command.RequestCancelActivityTaskCommandAttributes),
                Command.AttributesOneofCase.StartTimerCommandAttributes => Timer(command.StartTimerCommandAttributes),
                Command.AttributesOneofCase.CancelTimerCommandAttributes => CancelTimer(command.CancelTimerCommandAttributes),
                Command.AttributesOneofCase.RecordMarkerCommandAttributes => command.RecordMarkerCommandAttributes.MarkerName.Length > 0
                    ? Size(Cause.BadRecordMarkerAttributes, "RecordMarkerCommandAttributes.Details", command.RecordMarkerCommandAttributes.Details.Values.Sum(v => v.CalculateSize()))
                    : Bad(Cause.BadRecordMarkerAttributes, "MarkerName is not set on RecordMarkerCommand."),
                Command.AttributesOneofCase.StartChildWorkflowExecutionCommandAttributes => Child(command.StartChildWorkflowExecutionCommandAttributes),
                Command.AttributesOneofCase.SignalExternalWorkflowExecutionCommandAttributes => Signal(command.SignalExternalWorkflowExecutionCommandAttributes),
                Command.AttributesOneofCase.RequestCancelExternalWorkflowExecutionCommandAttributes => Cancel(command.RequestCancelExternalWorkflowExecutionCommandAttributes),
                Command.AttributesOneofCase.UpsertWorkflowSearchAttributesCommandAttributes =>
                    Upsert(command.UpsertWorkflowSearchAttributesCommandAttributes.SearchAttributes),
                Command.AttributesOneofCase.ModifyWorkflowPropertiesCommandAttributes =>
                    Size(Cause.BadModifyWorkflowPropertiesAttributes, "ModifyWorkflowPropertiesCommandAttributes.UpsertedMemo", command.ModifyWorkflowPropertiesCommandAttributes.UpsertedMemo?.CalculateSize() ?? 0),
                Command.AttributesOneofCase.ProtocolMessageCommandAttributes => null,
                Command.AttributesOneofCase.CompleteWorkflowExecutionCommandAttributes =>
                    Close() ?? Size(Cause.BadCompleteWorkflowExecutionAttributes, "CompleteWorkflowExecutionCommandAttributes.Result", command.CompleteWorkflowExecutionCommandAttributes.Result?.CalculateSize() ?? 0),
                Command.AttributesOneofCase.FailWorkflowExecutionCommandAttributes => Close()
                    ?? (command.FailWorkflowExecutionCommandAttributes.Failure is null ? Bad(Cause.BadFailWorkflowExecutionAttributes, "Failure is not set on FailWorkflowCommand.") : null),
                Command.AttributesOneofCase.CancelWorkflowExecutionCommandAttributes => Close(),
                Command.AttributesOneofCase.ContinueAsNewWorkflowExecutionCommandAttributes => Close() ?? ContinueAsNew(command.ContinueAsNewWorkflowExecutionCommandAttributes),
                _ => Bad(Cause.FeatureDisabled, $"{command.CommandType} is not implemented by this server."),
            };
        }

        public CommandMistake? CheckEnd() =>
            _closes && run.State.Buffered.Count > 0 ? Bad(Cause.UnhandledCommand, "UnhandledCommand") : null;

        CommandMistake? Activity(ScheduleActivityTaskCommandAttributes a)
        {
            if (a.ActivityId.Length == 0) return Bad(Cause.BadScheduleActivityAttributes, "ActivityId is not set on ScheduleActivityTaskCommand.");
            if (a.ActivityType is null || a.ActivityType.Name.Length == 0) return Bad(Cause.BadScheduleActivityAttributes, $"ActivityType is not set on ScheduleActivityTaskCommand. ActivityId={a.ActivityId}");
            if (TooLong(a.ActivityId, a.ActivityType.Name, a.TaskQueue?.Name)) return Bad(Cause.BadScheduleActivityAttributes, "ActivityId, ActivityType or TaskQueue on ScheduleActivityTaskCommand exceeds length limit.");
            if (Ticks.IsNegative(a.ScheduleToCloseTimeout) || Ticks.IsNegative(a.ScheduleToStartTimeout) || Ticks.IsNegative(a.StartToCloseTimeout) || Ticks.IsNegative(a.HeartbeatTimeout))
                return Bad(Cause.BadScheduleActivityAttributes, "A timeout of ScheduleActivityTaskCommand is negative.");
            if (Ticks.Of(a.ScheduleToCloseTimeout) == 0 && Ticks.Of(a.StartToCloseTimeout) == 0)
                return Bad(Cause.BadScheduleActivityAttributes, $"A valid StartToClose or ScheduleToCloseTimeout is not set on ScheduleActivityTaskCommand. ActivityId={a.ActivityId} ActivityType={a.ActivityType.Name}");
            if (RetrySchedule.Mistake(a.RetryPolicy) is { } text) return Bad(Cause.BadScheduleActivityAttributes, text);
            if (!_activities.Add(a.ActivityId)) return Bad(Cause.ScheduleActivityDuplicateId, $"ScheduleActivityTaskCommand: activity {a.ActivityId} is there already.");
            if (++_activityCount > Limits.PendingMax) return Bad(Cause.PendingActivitiesLimitExceeded, $"the number of pending activities, {_activityCount - 1}, has reached the per-workflow limit of {Limits.PendingMax}");
            return Size(Cause.BadScheduleActivityAttributes, "ScheduleActivityTaskCommandAttributes.Input", a.Input?.CalculateSize() ?? 0);
        }

        CommandMistake? CancelActivity(RequestCancelActivityTaskCommandAttributes a)
        {
            if (run.State.Activities.ContainsKey(a.ScheduledEventId) || a.ScheduledEventId >= run.State.NextEventId) return null;
            // It may have ended while the worker decided to cancel it.
            return a.ScheduledEventId > 0 && history.Event(run, a.ScheduledEventId).EventType == EventType.ActivityTaskScheduled
                ? null
                : Bad(Cause.BadRequestCancelActivityAttributes, $"ACTIVITY_UNKNOWN: scheduledEventID: {a.ScheduledEventId}");
        }

        CommandMistake? Timer(StartTimerCommandAttributes a)
        {
            if (a.TimerId.Length == 0) return Bad(Cause.BadStartTimerAttributes, "TimerId is not set on StartTimerCommand.");
            if (TooLong(a.TimerId)) return Bad(Cause.BadStartTimerAttributes, "TimerId on StartTimerCommand exceeds length limit.");
            if (Ticks.IsNegative(a.StartToFireTimeout)) return Bad(Cause.BadStartTimerAttributes, "A valid StartToFireTimeout is not set on StartTimerCommand.");
            return _timers.Add(a.TimerId) ? null : Bad(Cause.StartTimerDuplicateId, $"StartTimerCommand: timer {a.TimerId} is there already.");
        }

        CommandMistake? Upsert(Temporalio.Api.Common.V1.SearchAttributes? attributes)
        {
            if (attributes is not { IndexedFields.Count: > 0 })
                return Bad(Cause.BadSearchAttributes, "IndexedFields is not set on UpsertWorkflowSearchAttributesCommand.");
            return SearchAttributeRules.Mistake(run.Namespace, attributes) is { } text ? Bad(Cause.BadSearchAttributes, text) : null;
        }

        CommandMistake? CancelTimer(CancelTimerCommandAttributes a)
        {
            if (a.TimerId.Length == 0) return Bad(Cause.BadCancelTimerAttributes, "TimerId is not set on CancelTimerCommand.");
            var firedMeanwhile = run.State.Buffered.Any(e => e.TimerFiredEventAttributes?.TimerId == a.TimerId);
            return _timers.Remove(a.TimerId) || firedMeanwhile ? null : Bad(Cause.BadCancelTimerAttributes, $"TIMER_UNKNOWN: timerID: {a.TimerId}");
        }

        CommandMistake? Child(StartChildWorkflowExecutionCommandAttributes a)
        {
            if (a.WorkflowId.Length == 0) return Bad(Cause.BadStartChildExecutionAttributes, "Required field WorkflowId is not set on StartChildWorkflowExecutionCommand.");
            if (a.WorkflowType is null || a.WorkflowType.Name.Length == 0) return Bad(Cause.BadStartChildExecutionAttributes, "Required field WorkflowType is not set on StartChildWorkflowExecutionCommand.");
            if (TooLong(a.WorkflowId, a.WorkflowType.Name, a.TaskQueue?.Name)) return Bad(Cause.BadStartChildExecutionAttributes, "WorkflowId, WorkflowType or TaskQueue on StartChildWorkflowExecutionCommand exceeds length limit.");
            if (a.CronSchedule.Length > 0) return Bad(Cause.BadStartChildExecutionAttributes, Starts.NoCron);
            if (RetrySchedule.Mistake(a.RetryPolicy) is { } text) return Bad(Cause.BadStartChildExecutionAttributes, text);
            if (SearchAttributeRules.Mistake(run.Namespace, a.SearchAttributes) is { } attribute) return Bad(Cause.BadSearchAttributes, attribute);
            if (ForeignNamespace(a.Namespace)) return Bad(Cause.BadStartChildExecutionAttributes, OtherNamespace(a.Namespace));
            if (++_childCount > Limits.PendingMax) return Bad(Cause.PendingChildWorkflowsLimitExceeded, $"the number of pending child workflow executions, {_childCount - 1}, has reached the per-workflow limit of {Limits.PendingMax}");
            return Size(Cause.BadStartChildExecutionAttributes, "StartChildWorkflowExecutionCommandAttributes.Input", (a.Input?.CalculateSize() ?? 0) + (a.Memo?.CalculateSize() ?? 0));
        }

        CommandMistake? Signal(SignalExternalWorkflowExecutionCommandAttributes a)
        {
            if (a.Execution is null || a.Execution.WorkflowId.Length == 0) return Bad(Cause.BadSignalWorkflowExecutionAttributes, "Execution is not set on SignalExternalWorkflowExecutionCommand.");
            if (a.SignalName.Length == 0) return Bad(Cause.BadSignalWorkflowExecutionAttributes, "SignalName is not set on SignalExternalWorkflowExecutionCommand.");
            if (TooLong(a.Execution.WorkflowId, a.SignalName)) return Bad(Cause.BadSignalWorkflowExecutionAttributes, "WorkflowId or SignalName on SignalExternalWorkflowExecutionCommand exceeds length limit.");
            if (!RunIdIsOne(a.Execution.RunId)) return Bad(Cause.BadSignalWorkflowExecutionAttributes, "Invalid RunId set on SignalExternalWorkflowExecutionCommand.");
            if (ForeignNamespace(a.Namespace)) return Bad(Cause.BadSignalWorkflowExecutionAttributes, OtherNamespace(a.Namespace));
            if (++_signalCount > Limits.PendingMax) return Bad(Cause.PendingSignalsLimitExceeded, $"the number of pending signals to external workflows, {_signalCount - 1}, has reached the per-workflow limit of {Limits.PendingMax}");
            return Size(Cause.BadSignalInputSize, "SignalExternalWorkflowExecutionCommandAttributes.Input", a.Input?.CalculateSize() ?? 0);
        }

        CommandMistake? Cancel(RequestCancelExternalWorkflowExecutionCommandAttributes a)
        {
            if (a.WorkflowId.Length == 0) return Bad(Cause.BadRequestCancelExternalWorkflowExecutionAttributes, "WorkflowId is not set on RequestCancelExternalWorkflowExecutionCommand.");
            if (TooLong(a.WorkflowId)) return Bad(Cause.BadRequestCancelExternalWorkflowExecutionAttributes, "WorkflowId on RequestCancelExternalWorkflowExecutionCommand exceeds length limit.");
            if (!RunIdIsOne(a.RunId)) return Bad(Cause.BadRequestCancelExternalWorkflowExecutionAttributes, "Invalid RunId set on RequestCancelExternalWorkflowExecutionCommand.");
            if (ForeignNamespace(a.Namespace)) return Bad(Cause.BadRequestCancelExternalWorkflowExecutionAttributes, OtherNamespace(a.Namespace));
            return ++_cancelCount > Limits.PendingMax
                ? Bad(Cause.PendingRequestCancelLimitExceeded, $"the number of pending requests to cancel external workflows, {_cancelCount - 1}, has reached the per-workflow limit of {Limits.PendingMax}")
                : null;
        }

        CommandMistake? ContinueAsNew(ContinueAsNewWorkflowExecutionCommandAttributes a)
        {
            if (a.CronSchedule.Length > 0) return Bad(Cause.BadContinueAsNewAttributes, Starts.NoCron);
            if (TooLong(a.WorkflowType?.Name, a.TaskQueue?.Name)) return Bad(Cause.BadContinueAsNewAttributes, "WorkflowType or TaskQueue on ContinueAsNewWorkflowExecutionCommand exceeds length limit.");
            if (SearchAttributeRules.Mistake(run.Namespace, a.SearchAttributes) is { } attribute) return Bad(Cause.BadSearchAttributes, attribute);
            return Size(Cause.BadContinueAsNewAttributes, "ContinueAsNewWorkflowExecutionCommandAttributes.Input", (a.Input?.CalculateSize() ?? 0) + (a.Memo?.CalculateSize() ?? 0));
        }

        CommandMistake? Close()
        {
            _closes = true;
            return null;
        }

        // A command may name only its own workflow's namespace: who may call for one has no right in another.
        bool ForeignNamespace(string name) => name.Length > 0 && name != run.Namespace.Name;

        static string OtherNamespace(string name) => $"Namespace {name} is not the one of this workflow; calls across namespaces are not enabled.";
        static bool RunIdIsOne(string runId) => runId.Length == 0 || Guid.TryParse(runId, out _);
        static bool TooLong(params string?[] ids) => ids.Any(id => id?.Length > Limits.IdMax);
        static CommandMistake? Bad(Cause cause, string message) => new CommandMistake(cause, $"{Label(cause)}: {message}");

        static CommandMistake? Size(Cause cause, string what, int bytes) =>
            bytes > Limits.PayloadBytesMax ? Bad(cause, $"{what} exceeds size limit.") : null;

        static string Label(Cause cause) => cause.ToString();
    }
}
