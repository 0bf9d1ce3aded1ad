using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.TaskQueue.V1;

namespace TemporalDevServer.Engine;

/// <summary>Where a run comes from, beyond the request that asks for it.</summary>
sealed record RunOrigin
{
    public ParentState? Parent { get; init; }
    public string ParentNamespace { get; init; } = "";
    public WorkflowExecution? Root { get; init; }
    public string ContinuedRunId { get; init; } = "";
    public ContinueAsNewInitiator Initiator { get; init; }
    public Failure? ContinuedFailure { get; init; }
    public Payloads? LastCompletionResult { get; init; }
    public string FirstRunId { get; init; } = "";
    public string RunId { get; init; } = "";
    public string NewRunOf { get; init; } = "";
    public int Attempt { get; init; } = 1;
    public long ExecutionExpires { get; init; }
    public long Backoff { get; init; }
}

/// <summary>Runs begin: asked for by a client, by another workflow, or as the next of a chain.</summary>
sealed class Starts(World world)
{
    public const string NoCron = "Cron schedules are not implemented by this server: use a workflow that continues as new, or a Temporal server with schedules.";
    const long DefaultTaskTimeout = 10 * Ticks.PerSecond;
    const long TaskTimeoutMax = 120 * Ticks.PerSecond;

    public StartWorkflowExecutionResponse Start(StartWorkflowExecutionRequest request)
    {
        var ns = world.Namespaces.Get(request.Namespace);
        Check(ns, request);
        return Start(ns, request, out _);
    }

    /// <summary>Starts a run, or finds the one that the request's policies let stand for it.</summary>
    public StartWorkflowExecutionResponse Start(Namespace ns, StartWorkflowExecutionRequest request, out Run run)
    {
        if (Existing(ns, request) is { } existing)
        {
            run = existing;
            return new()
            {
                RunId = run.RunId,
                FirstExecutionRunId = run.State.FirstRunId,
                Started = run.State.StartRequestId == request.RequestId,
                Status = run.State.Status,
                Link = LinkTo(run),
            };
        }
        var eager = request.RequestEagerExecution && Ticks.Of(request.WorkflowStartDelay) == 0;
        run = Begin(ns, request, new RunOrigin { Backoff = Ticks.Of(request.WorkflowStartDelay) }, eager);
        var response = new StartWorkflowExecutionResponse { RunId = run.RunId, FirstExecutionRunId = run.State.FirstRunId, Started = true, Status = run.State.Status, Link = LinkTo(run) };
        if (eager) response.EagerWorkflowTask = world.WorkflowTasks.Start(
            run, world.WorkflowTasks.Make(run, speculative: false), request.Identity, request.RequestId, "", wholeHistory: true);
        else world.WorkflowTasks.Schedule(run);
        return response;
    }

    public SignalWithStartWorkflowExecutionResponse SignalWithStart(SignalWithStartWorkflowExecutionRequest request)
    {
        var ns = world.Namespaces.Get(request.Namespace);
        var start = StartOf(request);
        Check(ns, start);
        Signals.Check(request.SignalName, "", request.SignalInput);
        var current = world.Runs.Current(ns, request.WorkflowId);
        var isNew = false;
        if (current is not { IsOpen: true } || request.WorkflowIdConflictPolicy == WorkflowIdConflictPolicy.TerminateExisting || request.WorkflowIdReusePolicy == WorkflowIdReusePolicy.TerminateIfRunning)
        {
            if (Existing(ns, start) is { } existing) current = existing;
            else
            {
                current = Begin(ns, start, new RunOrigin { Backoff = Ticks.Of(request.WorkflowStartDelay) }, eager: false);
                isNew = true;
            }
        }
        if (isNew || !Signals.IsRepeated(current, request.RequestId))
            world.Signals.Add(current, request.SignalName, request.SignalInput, request.Header, request.Identity, null, request.RequestId);
        return new() { RunId = current.RunId, FirstExecutionRunId = current.State.FirstRunId, Started = isNew };
    }

    /// <summary>The request's own mistakes.</summary>
    public static void Check(Namespace ns, StartWorkflowExecutionRequest request)
    {
        if (request.WorkflowId.Length == 0) throw ServiceError.Invalid("WorkflowId is not set on request.");
        Limits.CheckId("WorkflowId", request.WorkflowId);
        if (request.WorkflowType is null || request.WorkflowType.Name.Length == 0) throw ServiceError.Invalid("WorkflowType is not set on request.");
        Limits.CheckId("WorkflowType", request.WorkflowType.Name);
        if (request.TaskQueue is null || request.TaskQueue.Name.Length == 0) throw ServiceError.Invalid("missing task queue name");
        Limits.CheckId("TaskQueue", request.TaskQueue.Name);
        Limits.CheckId("RequestId", request.RequestId);
        if (request.CronSchedule.Length > 0) throw ServiceError.Invalid(NoCron);
        if (Ticks.IsNegative(request.WorkflowExecutionTimeout)) throw ServiceError.Invalid("Invalid WorkflowExecutionTimeoutSeconds.");
        if (Ticks.IsNegative(request.WorkflowRunTimeout)) throw ServiceError.Invalid("Invalid WorkflowRunTimeoutSeconds.");
        if (Ticks.IsNegative(request.WorkflowTaskTimeout)) throw ServiceError.Invalid("Invalid WorkflowTaskTimeoutSeconds.");
        if (Ticks.IsNegative(request.WorkflowStartDelay)) throw ServiceError.Invalid("An invalid WorkflowStartDelay is set on request.");
        if (RetrySchedule.Mistake(request.RetryPolicy) is { } text) throw ServiceError.Invalid(text);
        CheckPolicies(request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy);
        Limits.CheckSize("StartWorkflowExecutionRequest.Input", request.Input);
        Limits.CheckSize("StartWorkflowExecutionRequest.Memo", request.Memo);
        if (SearchAttributes.Mistake(ns, request.SearchAttributes) is { } attribute) throw ServiceError.Invalid(attribute);
    }

    /// <summary>The run that stands for the one asked for; null when a new one may begin.</summary>
    /// <exception cref="ServiceError">The id is taken.</exception>
    Run? Existing(Namespace ns, StartWorkflowExecutionRequest request)
    {
        if (world.Runs.Current(ns, request.WorkflowId) is not { } current) return null;
        if (request.RequestId.Length > 0 && (current.State.StartRequestId == request.RequestId || current.State.AttachedRequests.ContainsKey(request.RequestId))) return current;
        if (!current.IsOpen)
        {
            CheckReuse(current, request.WorkflowIdReusePolicy);
            return null;
        }
        switch (ConflictPolicyOf(request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy))
        {
            case WorkflowIdConflictPolicy.UseExisting:
                Attach(current, request);
                return current;
            case WorkflowIdConflictPolicy.TerminateExisting:
                world.Closing.Terminate(current, $"TerminateIfRunning WorkflowIdReusePolicy: terminated by the start of another run", null, Server.Identity);
                return null;
            default:
                throw AlreadyStarted(current, "Workflow execution is already running.");
        }
    }

    public static void CheckReuse(Run closed, WorkflowIdReusePolicy policy)
    {
        switch (policy)
        {
            case WorkflowIdReusePolicy.RejectDuplicate:
                throw AlreadyStarted(closed, "Workflow execution already finished.");
            case WorkflowIdReusePolicy.AllowDuplicateFailedOnly when closed.State.Status == WorkflowExecutionStatus.Completed:
                throw AlreadyStarted(closed, "Workflow execution already finished successfully.");
        }
    }

    /// <summary>Begins a run and writes its first event.</summary>
    public Run Begin(Namespace ns, StartWorkflowExecutionRequest request, RunOrigin origin, bool eager)
    {
        var runId = origin.RunId.Length > 0 ? origin.RunId : world.Chance.NextId();
        var firstRunId = origin.FirstRunId.Length > 0 ? origin.FirstRunId : runId;
        var executionTimeout = Ticks.Of(request.WorkflowExecutionTimeout);
        var runTimeout = Ticks.Shorter(Ticks.Of(request.WorkflowRunTimeout), executionTimeout);
        var executionExpires = origin.ExecutionExpires != 0 ? origin.ExecutionExpires : executionTimeout == 0 ? 0 : world.Now + executionTimeout + origin.Backoff;
        var taskTimeout = Ticks.Of(request.WorkflowTaskTimeout);
        taskTimeout = Math.Min(taskTimeout == 0 ? DefaultTaskTimeout : taskTimeout, TaskTimeoutMax);
        if (runTimeout > 0) taskTimeout = Math.Min(taskTimeout, runTimeout);
        var policy = request.RetryPolicy is null ? null : RetrySchedule.WithDefaults(request.RetryPolicy);
        var attributes = SearchAttributes.WithTypes(ns, request.SearchAttributes);
        var root = origin.Root ?? new WorkflowExecution { WorkflowId = request.WorkflowId, RunId = firstRunId };
        var state = new RunState
        {
            Number = ++world.State.LastRunNumber,
            NamespaceId = ns.Id,
            WorkflowId = request.WorkflowId,
            RunId = runId,
            FirstRunId = firstRunId,
            OriginalRunId = runId,
            WorkflowType = request.WorkflowType.Name,
            TaskQueue = request.TaskQueue.Name,
            Status = WorkflowExecutionStatus.Running,
            StartTime = world.Now,
            ExecutionTimeout = executionTimeout,
            RunTimeout = runTimeout,
            TaskTimeout = taskTimeout,
            ExecutionExpires = executionExpires,
            RunExpires = Ticks.Earlier(runTimeout == 0 ? 0 : world.Now + runTimeout + origin.Backoff, executionExpires),
            FirstTaskDue = origin.Backoff > 0 ? world.Now + origin.Backoff : 0,
            FirstTaskBackoff = origin.Backoff,
            RetryPolicy = policy,
            Attempt = origin.Attempt,
            Parent = origin.Parent,
            RootWorkflowId = root.WorkflowId,
            RootRunId = root.RunId,
            Memo = request.Memo,
            SearchAttributes = attributes,
            UserMetadata = request.UserMetadata,
            Priority = request.Priority,
            VersioningOverride = request.VersioningOverride,
            StartRequestId = request.RequestId,
            WorkflowTaskAttempt = 1,
            NextEventId = 1,
        };
        var run = world.Runs.Add(state, ns);
        world.History.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionStarted,
            UserMetadata = request.UserMetadata,
            Links = { request.Links },
            WorkflowExecutionStartedEventAttributes = new()
            {
                WorkflowType = request.WorkflowType,
                ParentWorkflowNamespace = origin.ParentNamespace,
                ParentWorkflowNamespaceId = origin.Parent?.NamespaceId ?? "",
                ParentWorkflowExecution = origin.Parent is { } parent ? new() { WorkflowId = parent.WorkflowId, RunId = parent.RunId } : null,
                ParentInitiatedEventId = origin.Parent?.InitiatedEventId ?? 0,
                RootWorkflowExecution = origin.Root,
                TaskQueue = new TaskQueue { Name = state.TaskQueue, Kind = TaskQueueKind.Normal },
                Input = request.Input,
                WorkflowExecutionTimeout = request.WorkflowExecutionTimeout,
                WorkflowRunTimeout = runTimeout == 0 ? request.WorkflowRunTimeout : Ticks.ToDuration(runTimeout),
                WorkflowTaskTimeout = Ticks.ToDuration(taskTimeout),
                WorkflowExecutionExpirationTime = Ticks.ToTimestampOrNull(executionExpires),
                ContinuedExecutionRunId = origin.ContinuedRunId,
                Initiator = origin.Initiator,
                ContinuedFailure = origin.ContinuedFailure,
                LastCompletionResult = origin.LastCompletionResult,
                OriginalExecutionRunId = runId,
                Identity = request.Identity,
                FirstExecutionRunId = firstRunId,
                RetryPolicy = policy,
                Attempt = origin.Attempt,
                FirstWorkflowTaskBackoff = origin.Initiator == ContinueAsNewInitiator.Workflow && origin.Backoff == 0 ? null : Ticks.ToDuration(origin.Backoff),
                Memo = request.Memo,
                SearchAttributes = attributes,
                Header = request.Header,
                WorkflowId = request.WorkflowId,
                Priority = request.Priority,
                VersioningOverride = request.VersioningOverride,
                CompletionCallbacks = { request.CompletionCallbacks },
                EagerExecutionAccepted = eager,
            },
        });
        state.Header = request.Header;
        return run;
    }

    static void Attach(Run run, StartWorkflowExecutionRequest request)
    {
        if (request.OnConflictOptions?.AttachRequestId == true && request.RequestId.Length > 0)
            run.State.AttachedRequests[request.RequestId] = run.LastEventId;
    }

    static Link LinkTo(Run run) => new()
    {
        WorkflowEvent = new()
        {
            Namespace = run.Namespace.Name,
            WorkflowId = run.WorkflowId,
            RunId = run.RunId,
            EventRef = new() { EventId = 1, EventType = EventType.WorkflowExecutionStarted },
        },
    };

    static void CheckPolicies(WorkflowIdReusePolicy reuse, WorkflowIdConflictPolicy conflict)
    {
        if (reuse == WorkflowIdReusePolicy.TerminateIfRunning && conflict != WorkflowIdConflictPolicy.Unspecified)
            throw ServiceError.Invalid("Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING cannot be used together with a WorkflowIDConflictPolicy.");
        if (reuse == WorkflowIdReusePolicy.RejectDuplicate && conflict == WorkflowIdConflictPolicy.TerminateExisting)
            throw ServiceError.Invalid("Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together with WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING.");
    }

    static WorkflowIdConflictPolicy ConflictPolicyOf(WorkflowIdReusePolicy reuse, WorkflowIdConflictPolicy conflict) =>
        reuse == WorkflowIdReusePolicy.TerminateIfRunning ? WorkflowIdConflictPolicy.TerminateExisting
        : conflict == WorkflowIdConflictPolicy.Unspecified ? WorkflowIdConflictPolicy.Fail : conflict;

    static ServiceError AlreadyStarted(Run run, string message) => new(
        StatusCode.AlreadyExists, $"{message} WorkflowId: {run.WorkflowId}, RunId: {run.RunId}.",
        new WorkflowExecutionAlreadyStartedFailure { StartRequestId = run.State.StartRequestId, RunId = run.RunId, FirstExecutionRunId = run.State.FirstRunId });

    static StartWorkflowExecutionRequest StartOf(SignalWithStartWorkflowExecutionRequest request) => new()
    {
        Namespace = request.Namespace,
        WorkflowId = request.WorkflowId,
        WorkflowType = request.WorkflowType,
        TaskQueue = request.TaskQueue,
        Input = request.Input,
        WorkflowExecutionTimeout = request.WorkflowExecutionTimeout,
        WorkflowRunTimeout = request.WorkflowRunTimeout,
        WorkflowTaskTimeout = request.WorkflowTaskTimeout,
        Identity = request.Identity,
        RequestId = request.RequestId,
        WorkflowIdReusePolicy = request.WorkflowIdReusePolicy,
        WorkflowIdConflictPolicy = request.WorkflowIdConflictPolicy,
        RetryPolicy = request.RetryPolicy,
        CronSchedule = request.CronSchedule,
        Memo = request.Memo,
        SearchAttributes = request.SearchAttributes,
        Header = request.Header,
        WorkflowStartDelay = request.WorkflowStartDelay,
        UserMetadata = request.UserMetadata,
        Links = { request.Links },
        Priority = request.Priority,
        VersioningOverride = request.VersioningOverride,
    };
}
