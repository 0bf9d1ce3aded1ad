using Temporalio.Api.Command.V1;
using Temporalio.Api.Sdk.V1;

namespace TemporalDevServer.Engine;

/// <summary>Child workflows: attributes for by a command, started when the step ends.</summary>
sealed class ChildWorkflows(
    EngineStep step, IdSource ids, RunIndex runs, HistoryBuilder history, WorkflowTasks tasks, RunCloser closer,
    RunCreator creator)
{
    public void Initiate(Run run, Command command, CommandEffects effects)
    {
        var attributes = command.StartChildWorkflowExecutionCommandAttributes;
        var policy = attributes.ParentClosePolicy;
        if (policy == ParentClosePolicy.Unspecified) policy = ParentClosePolicy.Terminate;
        var reuse = attributes.WorkflowIdReusePolicy;
        if (reuse == WorkflowIdReusePolicy.Unspecified) reuse = WorkflowIdReusePolicy.AllowDuplicate;
        var queue = attributes.TaskQueue?.Name is { Length: > 0 } name ? name : run.State.TaskQueue;
        var runTimeout = Ticks.Shorter(
            Ticks.Of(attributes.WorkflowRunTimeout), Ticks.Of(attributes.WorkflowExecutionTimeout));
        var taskTimeout = Ticks.Of(attributes.WorkflowTaskTimeout) is > 0 and var timeout
            ? timeout
            : 10 * Ticks.PerSecond;
        var e = history.Add(run, new HistoryEvent
        {
            EventType = EventType.StartChildWorkflowExecutionInitiated,
            UserMetadata = command.UserMetadata,
            StartChildWorkflowExecutionInitiatedEventAttributes = new()
            {
                Namespace = run.Namespace.Name,
                NamespaceId = run.Namespace.Id,
                WorkflowId = attributes.WorkflowId,
                WorkflowType = attributes.WorkflowType,
                TaskQueue = new() { Name = queue, Kind = TaskQueueKind.Normal },
                Input = attributes.Input,
                WorkflowExecutionTimeout = attributes.WorkflowExecutionTimeout,
                WorkflowRunTimeout = Ticks.ToDuration(runTimeout),
                WorkflowTaskTimeout = Ticks.ToDuration(taskTimeout),
                ParentClosePolicy = policy,
                Control = attributes.Control,
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
                WorkflowIdReusePolicy = reuse,
                RetryPolicy = attributes.RetryPolicy,
                Header = attributes.Header,
                Memo = attributes.Memo,
                SearchAttributes = attributes.SearchAttributes,
                InheritBuildId = attributes.InheritBuildId,
                Priority = attributes.Priority,
            },
        });
        var child = new ChildState
        {
            InitiatedEventId = e.EventId,
            NamespaceId = run.Namespace.Id,
            WorkflowId = attributes.WorkflowId,
            WorkflowType = attributes.WorkflowType.Name,
            ParentClosePolicy = policy,
        };
        run.State.Children.Add(e.EventId, child);
        var metadata = command.UserMetadata;
        step.Defer(() => Start(run, child, e.StartChildWorkflowExecutionInitiatedEventAttributes, metadata));
    }

    void Start(
        Run parent, ChildState child, StartChildWorkflowExecutionInitiatedEventAttributes attributes,
        UserMetadata? metadata)
    {
        // A parent that ended in the same task has children only if they are to outlive it.
        if (!parent.IsOpen && child.ParentClosePolicy != ParentClosePolicy.Abandon) return;
        var current = runs.Current(parent.Namespace, child.WorkflowId);
        if (current is not null && Refuses(current, attributes.WorkflowIdReusePolicy))
        {
            Refuse(parent, child, attributes);
            return;
        }
        if (current is { IsOpen: true })
            closer.Terminate(current, WorkflowStarts.TerminatedByStart, null, ServerInfo.Identity);
        var run = creator.Create(
            parent.Namespace, RequestOf(parent, attributes, metadata), OriginOf(parent, child), eager: false);
        child.RunId = run.RunId;
        if (parent.IsOpen) WriteStarted(parent, child, attributes, run);
        tasks.Schedule(run);
    }

    void Refuse(Run parent, ChildState child, StartChildWorkflowExecutionInitiatedEventAttributes attributes)
    {
        if (!parent.State.Children.Remove(child.InitiatedEventId)) return;
        history.AddExternal(parent, new HistoryEvent
        {
            EventType = EventType.StartChildWorkflowExecutionFailed,
            StartChildWorkflowExecutionFailedEventAttributes = new()
            {
                Namespace = parent.Namespace.Name,
                NamespaceId = parent.Namespace.Id,
                WorkflowId = child.WorkflowId,
                WorkflowType = attributes.WorkflowType,
                Cause = StartChildWorkflowExecutionFailedCause.WorkflowAlreadyExists,
                Control = attributes.Control,
                InitiatedEventId = child.InitiatedEventId,
                WorkflowTaskCompletedEventId = attributes.WorkflowTaskCompletedEventId,
            },
        });
        tasks.Schedule(parent);
    }

    void WriteStarted(
        Run parent, ChildState child, StartChildWorkflowExecutionInitiatedEventAttributes attributes, Run run)
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
                Header = attributes.Header,
            },
        };
        history.AddExternal(parent, e);
        child.StartedEventId = e.EventId;
        tasks.Schedule(parent);
    }

    StartWorkflowExecutionRequest RequestOf(
        Run parent, StartChildWorkflowExecutionInitiatedEventAttributes attributes, UserMetadata? metadata) => new()
    {
        WorkflowId = attributes.WorkflowId,
        WorkflowType = attributes.WorkflowType,
        TaskQueue = attributes.TaskQueue,
        Input = attributes.Input,
        WorkflowExecutionTimeout = attributes.WorkflowExecutionTimeout,
        WorkflowRunTimeout = attributes.WorkflowRunTimeout,
        WorkflowTaskTimeout = attributes.WorkflowTaskTimeout,
        RequestId = ids.NewId(),
        RetryPolicy = attributes.RetryPolicy,
        Header = attributes.Header,
        Memo = attributes.Memo,
        SearchAttributes = attributes.SearchAttributes,
        UserMetadata = metadata,
        Priority = Priorities.Merge(parent.State.Priority, attributes.Priority),
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
            WorkflowStarts.CheckReuse(current, policy);
            return false;
        }
        catch (ServiceError)
        {
            return true;
        }
    }
}
