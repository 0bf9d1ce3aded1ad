using Temporalio.Api.Command.V1;
using Temporalio.Api.Sdk.V1;

namespace TemporalDevServer.Engine;

/// <summary>Child workflows: asked for by a command, started when the step ends.</summary>
sealed class Children(
    EngineStep step, IdSource ids, Runs runs, HistoryBuilder history, WorkflowTasks tasks, Closing closing,
    RunCreator creator)
{
    public void Initiate(Run run, Command command, CommandEffects effects)
    {
        var asked = command.StartChildWorkflowExecutionCommandAttributes;
        var policy = asked.ParentClosePolicy;
        if (policy == ParentClosePolicy.Unspecified) policy = ParentClosePolicy.Terminate;
        var reuse = asked.WorkflowIdReusePolicy;
        if (reuse == WorkflowIdReusePolicy.Unspecified) reuse = WorkflowIdReusePolicy.AllowDuplicate;
        var queue = asked.TaskQueue?.Name is { Length: > 0 } name ? name : run.State.TaskQueue;
        var runTimeout = Ticks.Shorter(Ticks.Of(asked.WorkflowRunTimeout), Ticks.Of(asked.WorkflowExecutionTimeout));
        var taskTimeout = Ticks.Of(asked.WorkflowTaskTimeout) is > 0 and var timeout ? timeout : 10 * Ticks.PerSecond;
        var e = history.Add(run, new HistoryEvent
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
        step.Defer(() => Start(run, child, e.StartChildWorkflowExecutionInitiatedEventAttributes, metadata));
    }

    void Start(
        Run parent, ChildState child, StartChildWorkflowExecutionInitiatedEventAttributes asked, UserMetadata? metadata)
    {
        // A parent that ended in the same task has children only if they are to outlive it.
        if (!parent.IsOpen && child.ParentClosePolicy != ParentClosePolicy.Abandon) return;
        var current = runs.Current(parent.Namespace, child.WorkflowId);
        if (current is not null && Refuses(current, asked.WorkflowIdReusePolicy))
        {
            Refuse(parent, child, asked);
            return;
        }
        if (current is { IsOpen: true }) closing.Terminate(current, Starts.TerminatedByStart, null, Server.Identity);
        var run = creator.Create(
            parent.Namespace, RequestOf(parent, asked, metadata), OriginOf(parent, child), eager: false);
        child.RunId = run.RunId;
        if (parent.IsOpen) WriteStarted(parent, child, asked, run);
        tasks.Schedule(run);
    }

    void Refuse(Run parent, ChildState child, StartChildWorkflowExecutionInitiatedEventAttributes asked)
    {
        if (!parent.State.Children.Remove(child.InitiatedEventId)) return;
        history.AddFromOutside(parent, new HistoryEvent
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
        tasks.Schedule(parent);
    }

    void WriteStarted(Run parent, ChildState child, StartChildWorkflowExecutionInitiatedEventAttributes asked, Run run)
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
        history.AddFromOutside(parent, e);
        child.StartedEventId = e.EventId;
        tasks.Schedule(parent);
    }

    StartWorkflowExecutionRequest RequestOf(
        Run parent, StartChildWorkflowExecutionInitiatedEventAttributes asked, UserMetadata? metadata) => new()
    {
        WorkflowId = asked.WorkflowId,
        WorkflowType = asked.WorkflowType,
        TaskQueue = asked.TaskQueue,
        Input = asked.Input,
        WorkflowExecutionTimeout = asked.WorkflowExecutionTimeout,
        WorkflowRunTimeout = asked.WorkflowRunTimeout,
        WorkflowTaskTimeout = asked.WorkflowTaskTimeout,
        RequestId = ids.NewId(),
        RetryPolicy = asked.RetryPolicy,
        Header = asked.Header,
        Memo = asked.Memo,
        SearchAttributes = asked.SearchAttributes,
        UserMetadata = metadata,
        Priority = Priorities.Merge(parent.State.Priority, asked.Priority),
    };

    static RunOrigin OriginOf(Run parent, ChildState child) => new()
    {
        Parent = new ParentState
        {
            NamespaceId = parent.Namespace.Id,
            WorkflowId = parent.WorkflowId,
            RunId = parent.RunId,
            InitiatedEventId = child.InitiatedEventId,
        },
        ParentNamespace = parent.Namespace.Name,
        Root = new() { WorkflowId = parent.State.RootWorkflowId, RunId = parent.State.RootRunId },
    };

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
}
