using Google.Protobuf.Collections;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Query.V1;
using Phase = TemporalDevServer.Engine.State.QueryState.Types.Phase;

namespace TemporalDevServer.Engine;

/// <summary>
/// Queries: one that arrives while a workflow task waits or runs is answered with that task, so that it sees the state
/// at its arrival; any other is a task of its own. They leave no event.
/// </summary>
sealed class WorkflowQueries(
    EngineStep step, IdSource ids, NamespaceRegistry namespaces, RunIndex runs, TaskQueues queues)
{
    const long StickyAnswersWithin = 10 * Ticks.PerSecond;
    const int TaskNeverWorksFrom = 3;

    // The query that each call waits for; the run holds it.
    readonly Dictionary<long, (Run Run, QueryState Query)> _waiting = [];

    public void Query(long callId, QueryWorkflowRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        if (request.Query is null || request.Query.QueryType.Length == 0)
            throw ServiceError.Invalid("QueryType is not set on request.");
        var run = runs.Get(ns, request.Execution);
        if (Rejects(run.State.Status, request.QueryRejectCondition))
        {
            step.Answer(callId, new QueryWorkflowResponse { QueryRejected = new() { Status = run.State.Status } });
            return;
        }
        if (run.IsOpen && run.State.WorkflowTaskAttempt >= TaskNeverWorksFrom)
            throw new ServiceError(
                StatusCode.FailedPrecondition,
                "Unable to query workflow due to Workflow Task in failed state.",
                new WorkflowNotReadyFailure());
        if (!run.IsOpen && run.State.LastStartedEventId == 0)
            throw new ServiceError(
                StatusCode.FailedPrecondition,
                "Workflow is closed and no workflow task was ever completed.",
                new WorkflowNotReadyFailure());
        var query = new QueryState { Id = ids.NewId(), CallId = callId, Query = request.Query };
        var direct = !run.IsOpen || (run.Task is null && run.State.FirstTaskDue == 0);
        if (!direct
            && run.State.Queries.Count(
                each => each.Phase is Phase.Buffered or Phase.Attached) >= Limits.BufferedQueriesMax)
            throw ServiceError.TooMuch(
                "consistent query buffer is full, cannot accept new consistent queries",
                ResourceExhaustedCause.BusyWorkflow);
        run.State.Queries.Add(query);
        _waiting.Add(callId, (run, query));
        if (direct) Dispatch(run, query);
    }

    /// <summary>The task failed: its queries wait for the next one.</summary>
    public static void Detach(Run run)
    {
        foreach (var query in run.State.Queries)
            if (query.Phase == Phase.Attached) query.Phase = Phase.Buffered;
    }

    public void AnswerAttached(Run run, WorkflowTaskState task, MapField<string, WorkflowQueryResult> results)
    {
        foreach (var id in task.QueryIds)
        {
            if (run.State.Queries.FirstOrDefault(each => each.Id == id) is not { Phase: Phase.Attached } query)
                continue;
            if (results.TryGetValue(id, out var result))
                Finish(run, query, result.ResultType, result.Answer, result.ErrorMessage, result.Failure);
            else query.Phase = Phase.Buffered;
        }
    }

    /// <summary>No workflow task is to come: what waited for one is asked by itself.</summary>
    public void Release(Run run)
    {
        if (run.IsOpen && run.Task is not null) return;
        foreach (var query in run.State.Queries.ToArray())
        {
            if (query.Phase is not (Phase.Buffered or Phase.Attached)) continue;
            step.Defer(() =>
            {
                if (query.Phase is Phase.Buffered or Phase.Attached && run.State.Queries.Contains(query))
                    Dispatch(run, query);
            });
        }
    }

    public RespondQueryTaskCompletedResponse Answered(RespondQueryTaskCompletedRequest request)
    {
        var token = CallTokens.Parse(request.TaskToken);
        var ns = CallTokens.NamespaceOf(namespaces, token, request.Namespace);
        var run = runs.Find(ns, token.WorkflowId, token.RunId);
        if (run?.State.Queries.FirstOrDefault(each => each.Id == token.QueryId) is not { } query
            || query.Stamp != token.Stamp)
            throw ServiceError.NotFound("query task not found, or already expired");
        Finish(run, query, request.CompletedType, request.QueryResult, request.ErrorMessage, request.Failure);
        return new();
    }

    /// <summary>The sticky worker does not answer: the normal queue's workers may.</summary>
    public void FallBack(Run run, QueryState query)
    {
        run.State.StickyQueue = "";
        query.FallbackDue = 0;
        Dispatch(run, query);
    }

    /// <summary>The caller no longer waits. False when it did not wait here.</summary>
    public bool Expire(long callId, bool answer)
    {
        if (!_waiting.Remove(callId, out var waiting)) return false;
        waiting.Run.State.Queries.Remove(waiting.Query);
        runs.Touch(waiting.Run);
        if (answer)
            step.Refuse(
                callId,
                new ServiceError(StatusCode.DeadlineExceeded, "query timed out: no worker answered it in time"));
        return true;
    }

    public void RefuseAll(Run run, ServiceError error)
    {
        foreach (var query in run.State.Queries)
        {
            _waiting.Remove(query.CallId);
            step.Refuse(query.CallId, error);
        }
        run.State.Queries.Clear();
    }

    public void Clear()
    {
        foreach (var (run, _) in _waiting.Values)
        {
            run.State.Queries.Clear();
            runs.Touch(run);
        }
        _waiting.Clear();
    }

    /// <summary>After a snapshot was read.</summary>
    public void Restore(Run run)
    {
        foreach (var query in run.State.Queries) _waiting.Add(query.CallId, (run, query));
    }

    void Dispatch(Run run, QueryState query)
    {
        var sticky = run.State.StickyQueue.Length > 0 && queues.HasWorker(run.Namespace, run.State.StickyQueue);
        query.Phase = Phase.Queued;
        query.Stamp = ids.NextStamp();
        query.FallbackDue = sticky ? step.Now + StickyAnswersWithin : 0;
        runs.Touch(run);
        queues.Add(run.Namespace, sticky ? run.State.StickyQueue : run.State.TaskQueue, activities: false, sticky,
            new TaskState { RunNumber = run.Number, QueryId = query.Id, Stamp = query.Stamp }, run.State.Priority);
    }

    void Finish(
        Run run, QueryState query, QueryResultType type, Temporalio.Api.Common.V1.Payloads? answer, string error,
        Temporalio.Api.Failure.V1.Failure? failure)
    {
        run.State.Queries.Remove(query);
        _waiting.Remove(query.CallId);
        runs.Touch(run);
        if (type == QueryResultType.Answered)
            step.Answer(query.CallId, new QueryWorkflowResponse { QueryResult = answer });
        else
            step.Refuse(query.CallId, new ServiceError(StatusCode.InvalidArgument, error, new QueryFailedFailure
            {
                Failure = failure,
            }));
    }

    static bool Rejects(WorkflowExecutionStatus status, QueryRejectCondition condition) => condition switch
    {
        QueryRejectCondition.NotOpen => status != WorkflowExecutionStatus.Running,
        QueryRejectCondition.NotCompletedCleanly =>
            status is not (WorkflowExecutionStatus.Running or WorkflowExecutionStatus.Completed),
        _ => false,
    };
}
