using Temporalio.Api.ErrorDetails.V1;

namespace TemporalDevServer.Engine;

/// <summary>A client asks for a run: a new one, or the one that stands for it.</summary>
sealed class WorkflowStarts(
    NamespaceRegistry namespaces, RunIndex runs, RunCreator creator, WorkflowTasks tasks, WorkflowTaskStarter starter,
    RunCloser closer, WorkflowSignals signals)
{
    public const string NoCron =
        "Cron schedules are not implemented by this server: use a workflow that continues as new, "
        + "or a Temporal server with schedules.";

    public const string TerminatedByStart =
        "TerminateIfRunning WorkflowIdReusePolicy: terminated by the start of another run";

    public StartWorkflowExecutionResponse Start(StartWorkflowExecutionRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        Check(ns, request);
        return Start(ns, request, out _);
    }

    /// <summary>Starts a run, or finds the one that the request's policies let stand for it.</summary>
    public StartWorkflowExecutionResponse Start(Namespace ns, StartWorkflowExecutionRequest request, out Run run)
    {
        if (Existing(ns, request) is { } existing)
        {
            run = existing;
            return ResponseOf(run, started: run.State.StartRequestId == request.RequestId);
        }
        var eager = request.RequestEagerExecution && Ticks.Of(request.WorkflowStartDelay) == 0;
        run = creator.Create(ns, request, new RunOrigin { Backoff = Ticks.Of(request.WorkflowStartDelay) }, eager);
        var response = ResponseOf(run, started: true);
        if (eager)
        {
            var task = tasks.Make(run, speculative: false);
            response.EagerWorkflowTask = starter.Start(
                run, task, request.Identity, request.RequestId, "", wholeHistory: true);
        }
        else tasks.Schedule(run);
        return response;
    }

    public SignalWithStartWorkflowExecutionResponse SignalWithStart(SignalWithStartWorkflowExecutionRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        var start = StartOf(request);
        Check(ns, start);
        WorkflowSignals.Check(request.SignalName, "", request.SignalInput);
        var current = runs.Current(ns, request.WorkflowId);
        var isNew = false;
        var terminates = request.WorkflowIdConflictPolicy == WorkflowIdConflictPolicy.TerminateExisting
            || request.WorkflowIdReusePolicy == WorkflowIdReusePolicy.TerminateIfRunning;
        if (current is not { IsOpen: true } || terminates)
        {
            if (Existing(ns, start) is { } existing) current = existing;
            else
            {
                current = creator.Create(
                    ns, start, new RunOrigin { Backoff = Ticks.Of(request.WorkflowStartDelay) }, eager: false);
                isNew = true;
            }
        }
        if (isNew || !WorkflowSignals.IsRepeated(current, request.RequestId))
            signals.Add(
                current,
                request.SignalName,
                request.SignalInput,
                request.Header,
                request.Identity,
                null,
                request.RequestId);
        return new() { RunId = current.RunId, FirstExecutionRunId = current.State.FirstRunId, Started = isNew };
    }

    /// <summary>The request's own mistakes.</summary>
    public static void Check(Namespace ns, StartWorkflowExecutionRequest request)
    {
        if (request.WorkflowId.Length == 0) throw ServiceError.Invalid("WorkflowId is not set on request.");
        Limits.CheckId("WorkflowId", request.WorkflowId);
        if (request.WorkflowType is null || request.WorkflowType.Name.Length == 0)
            throw ServiceError.Invalid("WorkflowType is not set on request.");
        Limits.CheckId("WorkflowType", request.WorkflowType.Name);
        if (request.TaskQueue is null || request.TaskQueue.Name.Length == 0)
            throw ServiceError.Invalid("missing task queue name");
        Limits.CheckId("TaskQueue", request.TaskQueue.Name);
        Limits.CheckId("RequestId", request.RequestId);
        if (request.CronSchedule.Length > 0) throw ServiceError.Invalid(NoCron);
        if (Ticks.IsNegative(request.WorkflowExecutionTimeout))
            throw ServiceError.Invalid("Invalid WorkflowExecutionTimeoutSeconds.");
        if (Ticks.IsNegative(request.WorkflowRunTimeout))
            throw ServiceError.Invalid("Invalid WorkflowRunTimeoutSeconds.");
        if (Ticks.IsNegative(request.WorkflowTaskTimeout))
            throw ServiceError.Invalid("Invalid WorkflowTaskTimeoutSeconds.");
        if (Ticks.IsNegative(request.WorkflowStartDelay))
            throw ServiceError.Invalid("An invalid WorkflowStartDelay is set on request.");
        if (RetrySchedule.Validate(request.RetryPolicy) is { } text) throw ServiceError.Invalid(text);
        CheckPolicies(request.WorkflowIdReusePolicy, request.WorkflowIdConflictPolicy);
        Limits.CheckSize("StartWorkflowExecutionRequest.Input", request.Input);
        Limits.CheckSize("StartWorkflowExecutionRequest.Memo", request.Memo);
        if (SearchAttributeRules.Validate(ns, request.SearchAttributes) is { } attribute)
            throw ServiceError.Invalid(attribute);
    }

    /// <summary>The run that stands for the one asked for; null when a new one may begin.</summary>
    /// <exception cref="ServiceError">The id is taken.</exception>
    Run? Existing(Namespace ns, StartWorkflowExecutionRequest request)
    {
        if (runs.Current(ns, request.WorkflowId) is not { } current) return null;
        if (IsRepeated(current, request.RequestId)) return current;
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
                closer.Terminate(current, TerminatedByStart, null, ServerInfo.Identity);
                return null;
            default:
                throw AlreadyStarted(current, "Workflow execution is already running.");
        }
    }

    // The request has started this run already, or was attached to it.
    static bool IsRepeated(Run run, string requestId) =>
        requestId.Length > 0
        && (run.State.StartRequestId == requestId || run.State.AttachedRequests.ContainsKey(requestId));

    public static void CheckReuse(Run closed, WorkflowIdReusePolicy policy)
    {
        if (policy == WorkflowIdReusePolicy.RejectDuplicate)
            throw AlreadyStarted(closed, "Workflow execution already finished.");
        var completed = closed.State.Status == WorkflowExecutionStatus.Completed;
        if (completed && policy == WorkflowIdReusePolicy.AllowDuplicateFailedOnly)
            throw AlreadyStarted(closed, "Workflow execution already finished successfully.");
    }

    static void Attach(Run run, StartWorkflowExecutionRequest request)
    {
        if (request.OnConflictOptions?.AttachRequestId == true && request.RequestId.Length > 0)
            run.State.AttachedRequests[request.RequestId] = run.LastEventId;
    }

    static StartWorkflowExecutionResponse ResponseOf(Run run, bool started) => new()
    {
        RunId = run.RunId,
        FirstExecutionRunId = run.State.FirstRunId,
        Started = started,
        Status = run.State.Status,
        Link = LinkTo(run),
    };

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
            throw ServiceError.Invalid(
                "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING "
                + "cannot be used together with a WorkflowIDConflictPolicy.");
        if (reuse == WorkflowIdReusePolicy.RejectDuplicate && conflict == WorkflowIdConflictPolicy.TerminateExisting)
            throw ServiceError.Invalid(
                "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together "
                + "with WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING.");
    }

    static WorkflowIdConflictPolicy ConflictPolicyOf(WorkflowIdReusePolicy reuse, WorkflowIdConflictPolicy conflict)
    {
        if (reuse == WorkflowIdReusePolicy.TerminateIfRunning) return WorkflowIdConflictPolicy.TerminateExisting;
        return conflict == WorkflowIdConflictPolicy.Unspecified ? WorkflowIdConflictPolicy.Fail : conflict;
    }

    static ServiceError AlreadyStarted(Run run, string message) => new(
        StatusCode.AlreadyExists, $"{message} WorkflowId: {run.WorkflowId}, RunId: {run.RunId}.",
        new WorkflowExecutionAlreadyStartedFailure
        {
            StartRequestId = run.State.StartRequestId,
            RunId = run.RunId,
            FirstExecutionRunId = run.State.FirstRunId,
        });

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
