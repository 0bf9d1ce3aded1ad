using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine.State;

namespace TemporalDevServer.Engine;

/// <summary>What workers say about an activity, by its task's token or by its id.</summary>
sealed class ActivityReports(World world)
{
    public RespondActivityTaskCompletedResponse Completed(RespondActivityTaskCompletedRequest request)
    {
        var (run, activity) = ByToken(request.TaskToken, request.Namespace);
        Limits.CheckSize("RespondActivityTaskCompletedRequest.Result", request.Result);
        world.Activities.Complete(run, activity, request.Result, request.Identity);
        return new();
    }

    public RespondActivityTaskCompletedByIdResponse CompletedById(RespondActivityTaskCompletedByIdRequest request)
    {
        var (run, activity) = ById(request.Namespace, request.WorkflowId, request.RunId, request.ActivityId);
        world.Activities.Complete(run, activity, request.Result, request.Identity);
        return new();
    }

    public RespondActivityTaskFailedResponse Failed(RespondActivityTaskFailedRequest request)
    {
        var (run, activity) = ByToken(request.TaskToken, request.Namespace);
        Failed(run, activity, request.Failure, request.LastHeartbeatDetails, request.Identity);
        return new();
    }

    public RespondActivityTaskFailedByIdResponse FailedById(RespondActivityTaskFailedByIdRequest request)
    {
        var (run, activity) = ById(request.Namespace, request.WorkflowId, request.RunId, request.ActivityId);
        Failed(run, activity, request.Failure, request.LastHeartbeatDetails, request.Identity);
        return new();
    }

    public RespondActivityTaskCanceledResponse Canceled(RespondActivityTaskCanceledRequest request)
    {
        var (run, activity) = ByToken(request.TaskToken, request.Namespace);
        Canceled(run, activity, request.Details, request.Identity);
        return new();
    }

    public RespondActivityTaskCanceledByIdResponse CanceledById(RespondActivityTaskCanceledByIdRequest request)
    {
        var (run, activity) = ById(request.Namespace, request.WorkflowId, request.RunId, request.ActivityId);
        Canceled(run, activity, request.Details, request.Identity);
        return new();
    }

    public RecordActivityTaskHeartbeatResponse Heartbeat(RecordActivityTaskHeartbeatRequest request)
    {
        var (run, activity) = ByToken(request.TaskToken, request.Namespace);
        Heartbeat(run, activity, request.Details);
        return new() { CancelRequested = activity.CancelRequested };
    }

    public RecordActivityTaskHeartbeatByIdResponse HeartbeatById(RecordActivityTaskHeartbeatByIdRequest request)
    {
        var (run, activity) = ById(request.Namespace, request.WorkflowId, request.RunId, request.ActivityId);
        Heartbeat(run, activity, request.Details);
        return new() { CancelRequested = activity.CancelRequested };
    }

    void Failed(Run run, ActivityState activity, Temporalio.Api.Failure.V1.Failure? failure, Payloads? lastHeartbeat, string identity)
    {
        if (lastHeartbeat is not null) activity.HeartbeatDetails = lastHeartbeat;
        world.Activities.Fail(run, activity, failure ?? Failures.Server("The activity failed and did not say why."), identity);
    }

    void Canceled(Run run, ActivityState activity, Payloads? details, string identity)
    {
        if (!activity.CancelRequested) throw ServiceError.Invalid("Unable to record activity task canceled event: its cancellation was not requested.");
        world.Activities.Cancel(run, activity, details, identity);
    }

    void Heartbeat(Run run, ActivityState activity, Payloads? details)
    {
        Limits.CheckSize("RecordActivityTaskHeartbeatRequest.Details", details);
        activity.LastHeartbeatTime = world.Now;
        if (details is not null) activity.HeartbeatDetails = details;
        world.Runs.Touch(run);
    }

    (Run Run, ActivityState Activity) ByToken(ByteString bytes, string requestNamespace)
    {
        var token = Tokens.Parse(bytes);
        var ns = Tokens.NamespaceOf(world, token, requestNamespace);
        var run = world.Runs.Find(ns, token.WorkflowId, token.RunId) ?? throw ServiceError.NoWorkflow(token.WorkflowId);
        if (!run.IsOpen) throw ServiceError.Completed();
        if (!run.State.Activities.TryGetValue(token.ScheduledEventId, out var activity) || activity.Stamp != token.Stamp || activity.StartedTime == 0)
            throw NoActivity();
        return (run, activity);
    }

    (Run Run, ActivityState Activity) ById(string requestNamespace, string workflowId, string runId, string activityId)
    {
        var ns = world.Namespaces.Get(requestNamespace);
        if (activityId.Length == 0) throw ServiceError.Invalid("activityID cannot be empty");
        var run = world.Runs.GetOpen(ns, new WorkflowExecution { WorkflowId = workflowId, RunId = runId });
        var activity = run.State.Activities.Values.FirstOrDefault(each => each.ActivityId == activityId)
            ?? throw ServiceError.NotFound($"cannot find pending activity with ActivityID {activityId}, check workflow execution history for more details");
        // Nobody has it, so nobody can say how it went.
        return activity.StartedTime == 0 ? throw NoActivity() : (run, activity);
    }

    static ServiceError NoActivity() => ServiceError.NotFound("invalid activityID or activity already timed out or invoking workflow is completed");
}
