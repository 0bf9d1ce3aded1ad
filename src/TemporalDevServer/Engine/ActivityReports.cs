using Temporalio.Api.Failure.V1;

namespace TemporalDevServer.Engine;

/// <summary>What workers report about an activity, by its task token or by its id.</summary>
sealed class ActivityReports(EngineStep step, NamespaceRegistry namespaces, RunIndex runs, ActivityTasks activities)
{
    public RespondActivityTaskCompletedResponse Completed(RespondActivityTaskCompletedRequest r) =>
        Completed(ByToken(r.TaskToken, r.Namespace), r.Result, r.Identity, new RespondActivityTaskCompletedResponse());

    public RespondActivityTaskCompletedByIdResponse CompletedById(RespondActivityTaskCompletedByIdRequest r) =>
        Completed(ById(r.Namespace, r.WorkflowId, r.RunId, r.ActivityId), r.Result, r.Identity,
            new RespondActivityTaskCompletedByIdResponse());

    public RespondActivityTaskFailedResponse Failed(RespondActivityTaskFailedRequest r) =>
        Failed(
            ByToken(r.TaskToken, r.Namespace),
            r.Failure,
            r.LastHeartbeatDetails,
            r.Identity,
            new RespondActivityTaskFailedResponse());

    public RespondActivityTaskFailedByIdResponse FailedById(RespondActivityTaskFailedByIdRequest r) =>
        Failed(ById(r.Namespace, r.WorkflowId, r.RunId, r.ActivityId), r.Failure, r.LastHeartbeatDetails, r.Identity,
            new RespondActivityTaskFailedByIdResponse());

    public RespondActivityTaskCanceledResponse Canceled(RespondActivityTaskCanceledRequest r) =>
        Canceled(ByToken(r.TaskToken, r.Namespace), r.Details, r.Identity, new RespondActivityTaskCanceledResponse());

    public RespondActivityTaskCanceledByIdResponse CanceledById(RespondActivityTaskCanceledByIdRequest r) =>
        Canceled(ById(r.Namespace, r.WorkflowId, r.RunId, r.ActivityId), r.Details, r.Identity,
            new RespondActivityTaskCanceledByIdResponse());

    public RecordActivityTaskHeartbeatResponse Heartbeat(RecordActivityTaskHeartbeatRequest r) =>
        new() { CancelRequested = Heartbeat(ByToken(r.TaskToken, r.Namespace), r.Details) };

    public RecordActivityTaskHeartbeatByIdResponse HeartbeatById(RecordActivityTaskHeartbeatByIdRequest r) =>
        new() { CancelRequested = Heartbeat(ById(r.Namespace, r.WorkflowId, r.RunId, r.ActivityId), r.Details) };

    T Completed<T>((Run Run, ActivityState Activity) of, Payloads? result, string identity, T response)
    {
        Limits.CheckSize("RespondActivityTaskCompletedRequest.Result", result);
        activities.Complete(of.Run, of.Activity, result, identity);
        return response;
    }

    T Failed<T>(
        (Run Run, ActivityState Activity) of, Failure? failure, Payloads? lastHeartbeat, string identity, T response)
    {
        if (lastHeartbeat is not null) of.Activity.HeartbeatDetails = lastHeartbeat;
        activities.Fail(
            of.Run, of.Activity, failure
                ?? ServerFailures.Create("The activity failed and did not say why."), identity);
        return response;
    }

    T Canceled<T>((Run Run, ActivityState Activity) of, Payloads? details, string identity, T response)
    {
        if (!of.Activity.CancelRequested)
            throw ServiceError.Invalid(
                "Unable to record activity task canceled event: its cancellation was not requested.");
        activities.Cancel(of.Run, of.Activity, details, identity);
        return response;
    }

    /// <summary>Whether it is to be cancelled.</summary>
    bool Heartbeat((Run Run, ActivityState Activity) of, Payloads? details)
    {
        Limits.CheckSize("RecordActivityTaskHeartbeatRequest.Details", details);
        of.Activity.LastHeartbeatTime = step.Now;
        if (details is not null) of.Activity.HeartbeatDetails = details;
        runs.Touch(of.Run);
        return of.Activity.CancelRequested;
    }

    (Run Run, ActivityState Activity) ByToken(ByteString bytes, string requestNamespace)
    {
        var token = CallTokens.Parse(bytes);
        var ns = CallTokens.NamespaceOf(namespaces, token, requestNamespace);
        var run = runs.Find(ns, token.WorkflowId, token.RunId) ?? throw ServiceError.NoWorkflow(token.WorkflowId);
        if (!run.IsOpen) throw ServiceError.Completed();
        if (!run.State.Activities.TryGetValue(token.ScheduledEventId, out var activity)
            || activity.Stamp != token.Stamp
            || activity.StartedTime == 0)
            throw NoActivity();
        return (run, activity);
    }

    (Run Run, ActivityState Activity) ById(string requestNamespace, string workflowId, string runId, string activityId)
    {
        var ns = namespaces.Get(requestNamespace);
        if (activityId.Length == 0) throw ServiceError.Invalid("activityID cannot be empty");
        var run = runs.GetOpen(ns, new WorkflowExecution { WorkflowId = workflowId, RunId = runId });
        var activity = run.State.Activities.Values.FirstOrDefault(each => each.ActivityId == activityId)
            ?? throw ServiceError.NotFound(
                $"cannot find pending activity with ActivityID {activityId}, check workflow execution history for "
                + "more details");
        // No worker has it, so no worker can report it.
        return activity.StartedTime == 0 ? throw NoActivity() : (run, activity);
    }

    static ServiceError NoActivity() =>
        ServiceError.NotFound("invalid activityID or activity already timed out or invoking workflow is completed");
}
