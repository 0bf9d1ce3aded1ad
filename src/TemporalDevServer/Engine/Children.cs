using Temporalio.Api.Command.V1;

namespace TemporalDevServer.Engine;

/// <summary>Child workflows: started for their parent, reported to it, and left or ended with it.</summary>
sealed class Children(World world)
{
    public void Initiate(Run run, Command command, CommandEffects effects)
    {
        var asked = command.StartChildWorkflowExecutionCommandAttributes;
        var policy = asked.ParentClosePolicy == ParentClosePolicy.Unspecified ? ParentClosePolicy.Terminate : asked.ParentClosePolicy;
        var reuse = asked.WorkflowIdReusePolicy == WorkflowIdReusePolicy.Unspecified ? WorkflowIdReusePolicy.AllowDuplicate : asked.WorkflowIdReusePolicy;
        var queue = asked.TaskQueue?.Name is { Length: > 0 } name ? name : run.State.TaskQueue;
        var runTimeout = Ticks.Shorter(Ticks.Of(asked.WorkflowRunTimeout), Ticks.Of(asked.WorkflowExecutionTimeout));
        var taskTimeout = Ticks.Of(asked.WorkflowTaskTimeout) is > 0 and var timeout ? timeout : 10 * Ticks.PerSecond;
        var e = world.History.Add(run, new HistoryEvent
        {
            EventType = EventType.StartChildWorkflowExecutionInitiated,
            UserMetadata = command.UserMetadata,
            StartChildWorkflowExecutionInitiatedEventAttributes = new()
            {
                Namespace = run.Namespace.Name,
                NamespaceId = run.Namespace.Id,
                WorkflowId = asked.WorkflowId,
                WorkflowType = asked.WorkflowType,
                TaskQueue = new() { Name = queue, Kind = TaskQueueKind.Normal },
                Input = asked.Input,
                WorkflowExecutionTimeout = asked.WorkflowExecutionTimeout,
                WorkflowRunTimeout = Ticks.ToDuration(runTimeout),
                WorkflowTaskTimeout = Ticks.ToDuration(taskTimeout),
                ParentClosePolicy = policy,
                Control = asked.Control,
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
                WorkflowIdReusePolicy = reuse,
                RetryPolicy = asked.RetryPolicy,
                Header = asked.Header,
                Memo = asked.Memo,
                SearchAttributes = asked.SearchAttributes,
                InheritBuildId = asked.InheritBuildId,
                Priority = asked.Priority,
            },
        });
        var child = new ChildState
        {
            InitiatedEventId = e.EventId,
            NamespaceId = run.Namespace.Id,
            WorkflowId = asked.WorkflowId,
            WorkflowType = asked.WorkflowType.Name,
            ParentClosePolicy = policy,
        };
        run.State.Children.Add(e.EventId, child);
        var metadata = command.UserMetadata;
        world.Later(() => Start(run, child, e.StartChildWorkflowExecutionInitiatedEventAttributes, metadata));
    }

    /// <summary>The run has ended: its parent, if it has one that still waits, gets the event.</summary>
    public void ParentHears(Run run, HistoryEvent e)
    {
        if (run.State.Parent is not { } parent) return;
        world.Later(() =>
        {
            if (world.Runs.Find(run.Namespace, parent.WorkflowId, parent.RunId) is not { IsOpen: true } parentRun) return;
            if (!parentRun.State.Children.TryGetValue(parent.InitiatedEventId, out var child)) return;
            Complete(e, run, child);
            parentRun.State.Children.Remove(parent.InitiatedEventId);
            world.History.AddFromOutside(parentRun, e);
            world.WorkflowTasks.Schedule(parentRun);
        });
    }

    /// <summary>The run has ended: its children go with it or stay, as each was started.</summary>
    public void LoseParent(Run run)
    {
        // The next run of a chain inherits nothing: children answer to the run that started them.
        foreach (var child in run.State.Children.Values.ToArray())
        {
            if (child.ParentClosePolicy == ParentClosePolicy.Abandon) continue;
            world.Later(() =>
            {
                if (world.Runs.Current(run.Namespace, child.WorkflowId) is not { IsOpen: true } childRun) return;
                if (childRun.State.Parent?.RunId != run.RunId || childRun.State.Parent.InitiatedEventId != child.InitiatedEventId) return;
                if (child.ParentClosePolicy == ParentClosePolicy.Terminate) world.Closing.Terminate(childRun, "by parent close policy", null, Server.Identity);
                else if (!childRun.State.CancelRequested) world.Signals.Cancel(childRun, "", Server.Identity, "", run.Execution, 0);
            });
        }
    }

    void Start(Run parent, ChildState child, StartChildWorkflowExecutionInitiatedEventAttributes asked, Temporalio.Api.Sdk.V1.UserMetadata? metadata)
    {
        // A parent that ended in the same task has children only if they are to outlive it.
        if (!parent.IsOpen && child.ParentClosePolicy != ParentClosePolicy.Abandon) return;
        if (world.Runs.Current(parent.Namespace, child.WorkflowId) is { } current && Refuses(current, asked.WorkflowIdReusePolicy))
        {
            if (!parent.State.Children.Remove(child.InitiatedEventId)) return;
            world.History.AddFromOutside(parent, new HistoryEvent
            {
                EventType = EventType.StartChildWorkflowExecutionFailed,
                StartChildWorkflowExecutionFailedEventAttributes = new()
                {
                    Namespace = parent.Namespace.Name,
                    NamespaceId = parent.Namespace.Id,
                    WorkflowId = child.WorkflowId,
                    WorkflowType = asked.WorkflowType,
                    Cause = StartChildWorkflowExecutionFailedCause.WorkflowAlreadyExists,
                    Control = asked.Control,
                    InitiatedEventId = child.InitiatedEventId,
                    WorkflowTaskCompletedEventId = asked.WorkflowTaskCompletedEventId,
                },
            });
            world.WorkflowTasks.Schedule(parent);
            return;
        }
        if (world.Runs.Current(parent.Namespace, child.WorkflowId) is { IsOpen: true } running)
            world.Closing.Terminate(running, "TerminateIfRunning WorkflowIdReusePolicy: terminated by the start of another run", null, Server.Identity);
        var run = world.Starts.Begin(parent.Namespace, new StartWorkflowExecutionRequest
        {
            WorkflowId = asked.WorkflowId,
            WorkflowType = asked.WorkflowType,
            TaskQueue = asked.TaskQueue,
            Input = asked.Input,
            WorkflowExecutionTimeout = asked.WorkflowExecutionTimeout,
            WorkflowRunTimeout = asked.WorkflowRunTimeout,
            WorkflowTaskTimeout = asked.WorkflowTaskTimeout,
            RequestId = world.Chance.NextId(),
            RetryPolicy = asked.RetryPolicy,
            Header = asked.Header,
            Memo = asked.Memo,
            SearchAttributes = asked.SearchAttributes,
            UserMetadata = metadata,
            Priority = Priorities.Merge(parent.State.Priority, asked.Priority),
        }, new RunOrigin
        {
            Parent = new ParentState { NamespaceId = parent.Namespace.Id, WorkflowId = parent.WorkflowId, RunId = parent.RunId, InitiatedEventId = child.InitiatedEventId },
            ParentNamespace = parent.Namespace.Name,
            Root = new() { WorkflowId = parent.State.RootWorkflowId, RunId = parent.State.RootRunId },
        }, eager: false);
        child.RunId = run.RunId;
        if (parent.IsOpen)
        {
            var e = new HistoryEvent
            {
                EventType = EventType.ChildWorkflowExecutionStarted,
                ChildWorkflowExecutionStartedEventAttributes = new()
                {
                    Namespace = parent.Namespace.Name,
                    NamespaceId = parent.Namespace.Id,
                    InitiatedEventId = child.InitiatedEventId,
                    WorkflowExecution = run.Execution,
                    WorkflowType = run.Type,
                    Header = asked.Header,
                },
            };
            world.History.AddFromOutside(parent, e);
            child.StartedEventId = e.EventId;
            world.WorkflowTasks.Schedule(parent);
        }
        world.WorkflowTasks.Schedule(run);
    }

    static bool Refuses(Run current, WorkflowIdReusePolicy policy)
    {
        if (current.IsOpen) return policy != WorkflowIdReusePolicy.TerminateIfRunning;
        try
        {
            Starts.CheckReuse(current, policy);
            return false;
        }
        catch (ServiceError)
        {
            return true;
        }
    }

    static void Complete(HistoryEvent e, Run run, ChildState child)
    {
        // The child's own name is that of the run which ended; a chain of retries may lie between it and the first.
        var (ns, id, execution, type) = (run.Namespace.Name, run.Namespace.Id, run.Execution, run.Type);
        switch (e.EventType)
        {
            case EventType.ChildWorkflowExecutionCompleted:
                var completed = e.ChildWorkflowExecutionCompletedEventAttributes;
                (completed.Namespace, completed.NamespaceId, completed.WorkflowExecution, completed.WorkflowType) = (ns, id, execution, type);
                (completed.InitiatedEventId, completed.StartedEventId) = (child.InitiatedEventId, child.StartedEventId);
                break;
            case EventType.ChildWorkflowExecutionFailed:
                var failed = e.ChildWorkflowExecutionFailedEventAttributes;
                (failed.Namespace, failed.NamespaceId, failed.WorkflowExecution, failed.WorkflowType) = (ns, id, execution, type);
                (failed.InitiatedEventId, failed.StartedEventId) = (child.InitiatedEventId, child.StartedEventId);
                break;
            case EventType.ChildWorkflowExecutionCanceled:
                var canceled = e.ChildWorkflowExecutionCanceledEventAttributes;
                (canceled.Namespace, canceled.NamespaceId, canceled.WorkflowExecution, canceled.WorkflowType) = (ns, id, execution, type);
                (canceled.InitiatedEventId, canceled.StartedEventId) = (child.InitiatedEventId, child.StartedEventId);
                break;
            case EventType.ChildWorkflowExecutionTimedOut:
                var timedOut = e.ChildWorkflowExecutionTimedOutEventAttributes;
                (timedOut.Namespace, timedOut.NamespaceId, timedOut.WorkflowExecution, timedOut.WorkflowType) = (ns, id, execution, type);
                (timedOut.InitiatedEventId, timedOut.StartedEventId) = (child.InitiatedEventId, child.StartedEventId);
                break;
            case EventType.ChildWorkflowExecutionTerminated:
                var terminated = e.ChildWorkflowExecutionTerminatedEventAttributes;
                (terminated.Namespace, terminated.NamespaceId, terminated.WorkflowExecution, terminated.WorkflowType) = (ns, id, execution, type);
                (terminated.InitiatedEventId, terminated.StartedEventId) = (child.InitiatedEventId, child.StartedEventId);
                break;
        }
    }
}
