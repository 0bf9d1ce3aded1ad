using Temporalio.Api.Command.V1;

namespace TemporalDevServer.Engine;

/// <summary>
/// How a run ends by itself: as its commands say, or because it took too long. A next run may follow.
/// </summary>
sealed class RunOutcomes(
    EngineStep step, IdSource ids, HistoryBuilder history, RunCloser closer, ParentEvents parents, RunChains chains)
{
    public void Complete(Run run, Command command, CommandEffects effects)
    {
        var result = command.CompleteWorkflowExecutionCommandAttributes.Result;
        history.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionCompleted,
            UserMetadata = command.UserMetadata,
            WorkflowExecutionCompletedEventAttributes = new()
            {
                Result = result,
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
            },
        });
        closer.Close(run, WorkflowExecutionStatus.Completed);
        parents.Notify(run, new HistoryEvent
        {
            EventType = EventType.ChildWorkflowExecutionCompleted,
            ChildWorkflowExecutionCompletedEventAttributes = new() { Result = result },
        });
    }

    public void Fail(Run run, Command command, CommandEffects effects)
    {
        var failure = command.FailWorkflowExecutionCommandAttributes.Failure;
        var (delay, state) = RetrySchedule.Next(
            run.State.RetryPolicy, run.State.Attempt, failure, step.Now, run.State.ExecutionExpires);
        var next = delay is null ? "" : ids.NewId();
        history.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionFailed,
            UserMetadata = command.UserMetadata,
            WorkflowExecutionFailedEventAttributes = new()
            {
                Failure = failure,
                RetryState = state,
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
                NewExecutionRunId = next,
            },
        });
        closer.Close(run, WorkflowExecutionStatus.Failed, next);
        if (delay is { } wait)
        {
            chains.Retry(run, next, wait, failure);
            return;
        }
        parents.Notify(run, new HistoryEvent
        {
            EventType = EventType.ChildWorkflowExecutionFailed,
            ChildWorkflowExecutionFailedEventAttributes = new() { Failure = failure, RetryState = state },
        });
    }

    public void Cancel(Run run, Command command, CommandEffects effects)
    {
        var details = command.CancelWorkflowExecutionCommandAttributes.Details;
        history.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionCanceled,
            UserMetadata = command.UserMetadata,
            WorkflowExecutionCanceledEventAttributes = new()
            {
                Details = details,
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
            },
        });
        closer.Close(run, WorkflowExecutionStatus.Canceled);
        parents.Notify(run, new HistoryEvent
        {
            EventType = EventType.ChildWorkflowExecutionCanceled,
            ChildWorkflowExecutionCanceledEventAttributes = new() { Details = details },
        });
    }

    public void ContinueAsNew(Run run, Command command, CommandEffects effects)
    {
        var attributes = command.ContinueAsNewWorkflowExecutionCommandAttributes;
        var state = run.State;
        var next = ids.NewId();
        var request = chains.NextRequest(run);
        request.WorkflowType = attributes.WorkflowType?.Name is { Length: > 0 } ? attributes.WorkflowType : run.Type;
        if (attributes.TaskQueue?.Name is { Length: > 0 } queue) request.TaskQueue.Name = queue;
        request.Input = attributes.Input;
        if (Ticks.Of(attributes.WorkflowRunTimeout) > 0) request.WorkflowRunTimeout = attributes.WorkflowRunTimeout;
        if (Ticks.Of(attributes.WorkflowTaskTimeout) > 0) request.WorkflowTaskTimeout = attributes.WorkflowTaskTimeout;
        request.RetryPolicy = attributes.RetryPolicy ?? state.RetryPolicy;
        request.Header = attributes.Header;
        request.Memo = attributes.Memo ?? state.Memo;
        request.SearchAttributes = attributes.SearchAttributes ?? state.SearchAttributes;
        var backoff = Ticks.Of(attributes.BackoffStartInterval);
        history.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionContinuedAsNew,
            UserMetadata = command.UserMetadata,
            WorkflowExecutionContinuedAsNewEventAttributes = new()
            {
                NewExecutionRunId = next,
                WorkflowType = request.WorkflowType,
                TaskQueue = new() { Name = request.TaskQueue.Name, Kind = TaskQueueKind.Normal },
                Input = attributes.Input,
                WorkflowRunTimeout = request.WorkflowRunTimeout,
                WorkflowTaskTimeout = request.WorkflowTaskTimeout,
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
                BackoffStartInterval = Ticks.ToDuration(backoff),
                Initiator = ContinueAsNewInitiator.Workflow,
                Failure = attributes.Failure,
                LastCompletionResult = attributes.LastCompletionResult,
                Header = attributes.Header,
                Memo = request.Memo,
                SearchAttributes = request.SearchAttributes,
                InheritBuildId = attributes.InheritBuildId,
            },
        });
        closer.Close(run, WorkflowExecutionStatus.ContinuedAsNew, next);
        chains.Continue(run, request, next, new RunOrigin
        {
            Initiator = ContinueAsNewInitiator.Workflow,
            ContinuedFailure = attributes.Failure,
            LastCompletionResult = attributes.LastCompletionResult,
            Backoff = backoff,
        });
    }

    /// <summary>The run, or the whole chain of runs, has taken too long.</summary>
    public void TimeOut(Run run)
    {
        var state = run.State;
        var failure = ServerFailures.Timeout(TimeoutType.StartToClose);
        var chainIsOver = state.ExecutionExpires != 0 && step.Now >= state.ExecutionExpires;
        var (delay, retry) = chainIsOver
            ? (null, RetryState.Timeout)
            : RetrySchedule.Next(state.RetryPolicy, state.Attempt, failure, step.Now, state.ExecutionExpires);
        var next = delay is null ? "" : ids.NewId();
        closer.Interrupt(run);
        history.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionTimedOut,
            WorkflowExecutionTimedOutEventAttributes = new() { RetryState = retry, NewExecutionRunId = next },
        });
        closer.Close(run, WorkflowExecutionStatus.TimedOut, next);
        if (delay is { } wait)
        {
            chains.Retry(run, next, wait, failure);
            return;
        }
        parents.Notify(run, new HistoryEvent
        {
            EventType = EventType.ChildWorkflowExecutionTimedOut,
            ChildWorkflowExecutionTimedOutEventAttributes = new() { RetryState = retry },
        });
    }
}
