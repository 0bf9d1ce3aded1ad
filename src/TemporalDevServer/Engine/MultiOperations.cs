using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Failure.V1;
using Case = Temporalio.Api.WorkflowService.V1.ExecuteMultiOperationRequest.Types.Operation.OperationOneofCase;

namespace TemporalDevServer.Engine;

/// <summary>An update with the start of its workflow, both or neither.</summary>
sealed class MultiOperations(
    NamespaceRegistry namespaces, RunIndex runs, WorkflowStarts starts, WorkflowUpdates updates)
{
    public void Execute(long callId, ExecuteMultiOperationRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        if (request.Operations.Count != 2
            || request.Operations[0].OperationCase != Case.StartWorkflow
            || request.Operations[1].OperationCase != Case.UpdateWorkflow)
            throw ServiceError.Invalid("Operations have to be exactly [Start, Update].");
        var start = request.Operations[0].StartWorkflow;
        var update = request.Operations[1].UpdateWorkflow;
        CheckSameWorkflow(request, start, update);
        Part(0, () => WorkflowStarts.Check(ns, start));
        Part(1, () => WorkflowUpdates.Check(update));
        // An update that is known already is answered even when the workflow is closed or cannot be started again.
        var current = runs.Current(ns, start.WorkflowId);
        var known = current?.State.Updates.Any(
            each => each.Id == update.Request.Meta?.UpdateId && each.Id.Length > 0) == true;
        Run run = null!;
        StartWorkflowExecutionResponse started = null!;
        if (known)
        {
            run = current!;
            started = new()
            {
                RunId = run.RunId,
                FirstExecutionRunId = run.State.FirstRunId,
                Started = run.State.StartRequestId == start.RequestId,
                Status = run.State.Status,
            };
        }
        else Part(0, () => started = starts.Start(ns, start, out run));
        Part(1, () => updates.Admit(run, update, new UpdateWaiter
        {
            CallId = callId,
            ForCompletion = UpdateWaiters.WaitsForCompletion(update.WaitPolicy),
            Kind = UpdateWaiter.Types.Kind.Multi,
            Started = started.ToByteString(),
        }));
    }

    static void CheckSameWorkflow(
        ExecuteMultiOperationRequest request, StartWorkflowExecutionRequest start,
        UpdateWorkflowExecutionRequest update)
    {
        // Authorization is for the outer namespace; an operation may not name another.
        if (start.Namespace != request.Namespace || update.Namespace != request.Namespace)
            throw ServiceError.Invalid("Operations have to be of the request's namespace.");
        if (update.WorkflowExecution?.WorkflowId != start.WorkflowId)
            throw ServiceError.Invalid("WorkflowId of Start and Update have to be the same.");
        if (update.WorkflowExecution.RunId.Length > 0 || update.FirstExecutionRunId.Length > 0)
            throw ServiceError.Invalid("RunId cannot be set on Update with Start.");
        if (start.CronSchedule.Length > 0 || start.RequestEagerExecution || Ticks.Of(start.WorkflowStartDelay) > 0)
            throw ServiceError.Invalid(
                "CronSchedule, RequestEagerExecution and WorkflowStartDelay cannot be set on Start with Update.");
    }

    // The error's detail names the one that failed; the other one was aborted.
    static void Part(int index, Action act)
    {
        try
        {
            act();
        }
        catch (ServiceError error)
        {
            var statuses = new MultiOperationExecutionFailure();
            for (var i = 0; i < 2; i++)
            {
                var status = i == index
                    ? new MultiOperationExecutionFailure.Types.OperationStatus
                    {
                        Code = (int)error.Code,
                        Message = error.Message,
                    }
                    : new MultiOperationExecutionFailure.Types.OperationStatus
                    {
                        Code = (int)StatusCode.Aborted,
                        Message = "Operation was aborted.",
                    };
                if (i != index) status.Details.Add(Any.Pack(new MultiOperationExecutionAborted()));
                else if (error.Detail is { } detail) status.Details.Add(Any.Pack(detail));
                statuses.Statuses.Add(status);
            }
            throw new ServiceError(
                error.Code, $"{(index == 0 ? "Start failed" : "Update failed")}: {error.Message}", statuses);
        }
    }
}
