using Temporalio.Api.Command.V1;
using Temporalio.Api.Failure.V1;

namespace TemporalDevServer.Engine;

/// <summary>Runs end, and what follows: the next run of the chain, the parent's event, the children's fate.</summary>
sealed class Closing(World world)
{
    public void Complete(Run run, Command command, CommandEffects effects)
    {
        var result = command.CompleteWorkflowExecutionCommandAttributes.Result;
        world.History.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionCompleted,
            UserMetadata = command.UserMetadata,
            WorkflowExecutionCompletedEventAttributes = new() { Result = result, WorkflowTaskCompletedEventId = effects.CompletedEventId },
        });
        Close(run, WorkflowExecutionStatus.Completed);
        world.Children.ParentHears(run, new HistoryEvent
        {
            EventType = EventType.ChildWorkflowExecutionCompleted,
            ChildWorkflowExecutionCompletedEventAttributes = new() { Result = result },
        });
    }

    public void Fail(Run run, Command command, CommandEffects effects)
    {
        var failure = command.FailWorkflowExecutionCommandAttributes.Failure;
        var (delay, state) = RetrySchedule.Next(run.State.RetryPolicy, run.State.Attempt, failure, world.Now, run.State.ExecutionExpires);
        var next = delay is null ? "" : world.Chance.NextId();
        world.History.Add(run, new HistoryEvent
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
        Close(run, WorkflowExecutionStatus.Failed, next);
        if (delay is { } wait)
        {
            Retry(run, next, wait, failure);
            return;
        }
        world.Children.ParentHears(run, new HistoryEvent
        {
            EventType = EventType.ChildWorkflowExecutionFailed,
            ChildWorkflowExecutionFailedEventAttributes = new() { Failure = failure, RetryState = state },
        });
    }

    public void Cancel(Run run, Command command, CommandEffects effects)
    {
        var details = command.CancelWorkflowExecutionCommandAttributes.Details;
        world.History.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionCanceled,
            UserMetadata = command.UserMetadata,
            WorkflowExecutionCanceledEventAttributes = new() { Details = details, WorkflowTaskCompletedEventId = effects.CompletedEventId },
        });
        Close(run, WorkflowExecutionStatus.Canceled);
        world.Children.ParentHears(run, new HistoryEvent
        {
            EventType = EventType.ChildWorkflowExecutionCanceled,
            ChildWorkflowExecutionCanceledEventAttributes = new() { Details = details },
        });
    }

    public void ContinueAsNew(Run run, Command command, CommandEffects effects)
    {
        var asked = command.ContinueAsNewWorkflowExecutionCommandAttributes;
        var state = run.State;
        var next = world.Chance.NextId();
        var request = NextRequest(run);
        request.WorkflowType = asked.WorkflowType?.Name is { Length: > 0 } ? asked.WorkflowType : run.Type;
        if (asked.TaskQueue?.Name is { Length: > 0 } queue) request.TaskQueue.Name = queue;
        request.Input = asked.Input;
        if (Ticks.Of(asked.WorkflowRunTimeout) > 0) request.WorkflowRunTimeout = asked.WorkflowRunTimeout;
        if (Ticks.Of(asked.WorkflowTaskTimeout) > 0) request.WorkflowTaskTimeout = asked.WorkflowTaskTimeout;
        request.RetryPolicy = asked.RetryPolicy ?? state.RetryPolicy;
        request.Header = asked.Header;
        request.Memo = asked.Memo ?? state.Memo;
        request.SearchAttributes = asked.SearchAttributes ?? state.SearchAttributes;
        var backoff = Ticks.Of(asked.BackoffStartInterval);
        world.History.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionContinuedAsNew,
            UserMetadata = command.UserMetadata,
            WorkflowExecutionContinuedAsNewEventAttributes = new()
            {
                NewExecutionRunId = next,
                WorkflowType = request.WorkflowType,
                TaskQueue = new() { Name = request.TaskQueue.Name, Kind = TaskQueueKind.Normal },
                Input = asked.Input,
                WorkflowRunTimeout = request.WorkflowRunTimeout,
                WorkflowTaskTimeout = request.WorkflowTaskTimeout,
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
                BackoffStartInterval = Ticks.ToDuration(backoff),
                Initiator = ContinueAsNewInitiator.Workflow,
                Failure = asked.Failure,
                LastCompletionResult = asked.LastCompletionResult,
                Header = asked.Header,
                Memo = request.Memo,
                SearchAttributes = request.SearchAttributes,
                InheritBuildId = asked.InheritBuildId,
            },
        });
        Close(run, WorkflowExecutionStatus.ContinuedAsNew, next);
        Continue(run, request, next, new RunOrigin
        {
            Initiator = ContinueAsNewInitiator.Workflow,
            ContinuedFailure = asked.Failure,
            LastCompletionResult = asked.LastCompletionResult,
            Backoff = backoff,
        });
    }

    /// <summary>The run, or the whole chain of runs, has taken too long.</summary>
    public void TimeOut(Run run)
    {
        var state = run.State;
        var failure = Failures.Timeout(TimeoutType.StartToClose);
        var chainIsOver = state.ExecutionExpires != 0 && world.Now >= state.ExecutionExpires;
        var (delay, retry) = chainIsOver ? (null, RetryState.Timeout) : RetrySchedule.Next(state.RetryPolicy, state.Attempt, failure, world.Now, state.ExecutionExpires);
        var next = delay is null ? "" : world.Chance.NextId();
        Interrupt(run);
        world.History.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionTimedOut,
            WorkflowExecutionTimedOutEventAttributes = new() { RetryState = retry, NewExecutionRunId = next },
        });
        Close(run, WorkflowExecutionStatus.TimedOut, next);
        if (delay is { } wait)
        {
            Retry(run, next, wait, failure);
            return;
        }
        world.Children.ParentHears(run, new HistoryEvent
        {
            EventType = EventType.ChildWorkflowExecutionTimedOut,
            ChildWorkflowExecutionTimedOutEventAttributes = new() { RetryState = retry },
        });
    }

    public TerminateWorkflowExecutionResponse Terminate(TerminateWorkflowExecutionRequest request)
    {
        var ns = world.Namespaces.Get(request.Namespace);
        var run = world.Runs.Get(ns, request.WorkflowExecution);
        Signals.CheckFirstRun(run, request.FirstExecutionRunId);
        if (!run.IsOpen) throw ServiceError.Completed();
        Limits.CheckSize("TerminateWorkflowExecutionRequest.Details", request.Details);
        Terminate(run, request.Reason, request.Details, request.Identity);
        return new();
    }

    public void Terminate(Run run, string reason, Payloads? details, string identity)
    {
        Interrupt(run);
        world.History.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionTerminated,
            WorkflowExecutionTerminatedEventAttributes = new() { Reason = reason, Details = details, Identity = identity },
        });
        Close(run, WorkflowExecutionStatus.Terminated);
        world.Children.ParentHears(run, new HistoryEvent
        {
            EventType = EventType.ChildWorkflowExecutionTerminated,
            ChildWorkflowExecutionTerminatedEventAttributes = new(),
        });
    }

    public DeleteWorkflowExecutionResponse Delete(DeleteWorkflowExecutionRequest request)
    {
        var ns = world.Namespaces.Get(request.Namespace);
        var run = world.Runs.Get(ns, request.WorkflowExecution);
        if (run.IsOpen) Terminate(run, "Delete workflow execution", null, Server.Identity);
        Remove(run);
        return new();
    }

    /// <summary>Nothing is known of the run any more.</summary>
    public void Remove(Run run)
    {
        world.Readers.Deleted(run);
        world.Queries.RefuseAll(run, ServiceError.NoWorkflow(run.WorkflowId));
        world.Runs.Remove(run);
    }

    // A worker that has the workflow task learns that it is over; what came meanwhile is in history.
    void Interrupt(Run run)
    {
        if (run.Task is { StartedEventId: not 0 } task) world.WorkflowTasks.WriteFailed(run, task, WorkflowTaskFailedCause.ForceCloseCommand, null, Server.Identity, "");
        run.State.WorkflowTask = null;
        world.History.Flush(run);
    }

    void Close(Run run, WorkflowExecutionStatus status, string newRunId = "")
    {
        var state = run.State;
        state.Status = status;
        state.CloseTime = world.Now;
        state.WorkflowTask = null;
        state.NewRunId = newRunId;
        state.Activities.Clear();
        state.Timers.Clear();
        state.Externals.Clear();
        world.Runs.Touch(run);
        world.Updates.AbortAll(run);
        world.Queries.Release(run);
        world.Children.LoseParent(run);
        state.Children.Clear();
    }

    void Retry(Run run, string next, long wait, Failure failure) => Continue(run, NextRequest(run), next, new RunOrigin
    {
        Initiator = ContinueAsNewInitiator.Retry,
        ContinuedFailure = failure,
        LastCompletionResult = world.History.Event(run, 1).WorkflowExecutionStartedEventAttributes.LastCompletionResult,
        Attempt = run.State.Attempt + 1,
        Backoff = wait,
    });

    void Continue(Run run, StartWorkflowExecutionRequest request, string next, RunOrigin origin)
    {
        var state = run.State;
        var begun = world.Starts.Begin(run.Namespace, request, origin with
        {
            RunId = next,
            FirstRunId = state.FirstRunId,
            ContinuedRunId = state.RunId,
            ExecutionExpires = state.ExecutionExpires,
            Parent = state.Parent,
            ParentNamespace = state.Parent is null ? "" : run.Namespace.Name,
            Root = world.History.Event(run, 1).WorkflowExecutionStartedEventAttributes.RootWorkflowExecution,
        }, eager: false);
        world.WorkflowTasks.Schedule(begun);
    }

    StartWorkflowExecutionRequest NextRequest(Run run)
    {
        var state = run.State;
        var started = world.History.Event(run, 1).WorkflowExecutionStartedEventAttributes;
        return new()
        {
            WorkflowId = state.WorkflowId,
            WorkflowType = run.Type,
            TaskQueue = new() { Name = state.TaskQueue },
            Input = started.Input,
            WorkflowExecutionTimeout = started.WorkflowExecutionTimeout,
            WorkflowRunTimeout = Ticks.ToDuration(state.RunTimeout),
            WorkflowTaskTimeout = Ticks.ToDuration(state.TaskTimeout),
            RequestId = "",
            RetryPolicy = state.RetryPolicy,
            Memo = state.Memo,
            SearchAttributes = state.SearchAttributes,
            Header = started.Header,
            UserMetadata = state.UserMetadata,
            Priority = state.Priority,
            VersioningOverride = state.VersioningOverride,
        };
    }
}
