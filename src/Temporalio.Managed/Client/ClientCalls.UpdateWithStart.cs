using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client.Interceptors;
using Temporalio.Exceptions;
using Operation = Temporalio.Api.WorkflowService.V1.ExecuteMultiOperationRequest.Types.Operation;

namespace Temporalio.Client;

sealed partial class ClientCalls
{
    public override async Task<WorkflowUpdateHandle<TUpdateResult>> StartUpdateWithStartWorkflowAsync<TUpdateResult>(StartUpdateWithStartWorkflowInput input)
    {
        if (input.Options.StartWorkflowOperation is not { } start) throw new ArgumentException("Start workflow operation is required in options");
        if (!start.TryMarkUsed()) throw new ArgumentException("Start operation already used");
        try
        {
            return await UpdateWithStartAsync<TUpdateResult>(input, start).ConfigureAwait(false);
        }
        // Whoever waits for the workflow's handle learns of every failure too.
        catch (Exception e)
        {
            var exception = Explain(e, start);
            start.SetFailed(exception);
            if (ReferenceEquals(exception, e)) throw;
            throw exception;
        }
    }

    async Task<WorkflowUpdateHandle<TUpdateResult>> UpdateWithStartAsync<TUpdateResult>(
        StartUpdateWithStartWorkflowInput input, WithStartWorkflowOperation start)
    {
        var id = start.Options.Id ?? throw new ArgumentException("ID required to start workflow");
        if (start.Options.StartSignal is not null || start.Options.StartSignalArgs is not null)
            throw new ArgumentException("Cannot have start signal on update with start");
        if (start.Options.RequestEagerStart) throw new ArgumentException("Cannot request eager start on update with start");
        if (start.Options.IdConflictPolicy == WorkflowIdConflictPolicy.Unspecified)
            throw new ArgumentException("Workflow ID conflict policy required for update with start");
        if (start.Options.Rpc is not null) throw new ArgumentException("Cannot set RPC options on start options, set them on the update options");

        var converter = Converter(id);
        var starting = new StartWorkflowInput(start.Workflow, start.Args, start.Options, start.Headers);
        var startRequest = await StartRequests.StartAsync(starting, Namespace, Identity, converter).ConfigureAwait(false);
        var updateRequest = await UpdateRequestAsync(
            input.Update, input.Args, input.Options, input.Options.WaitForStage, input.Headers, converter).ConfigureAwait(false);
        updateRequest.WorkflowExecution = Execution(id, null);
        var request = new ExecuteMultiOperationRequest
        {
            Namespace = Namespace,
            Operations = { new Operation { StartWorkflow = startRequest }, new Operation { UpdateWorkflow = updateRequest } },
        };
        // Until it is accepted the update is not durable: the same request is made again, and the server knows both by their ids.
        string runId;
        UpdateWorkflowExecutionResponse? updated;
        do
        {
            var response = await Service.ExecuteMultiOperationAsync(request, TemporalClient.DefaultRetryOptions(input.Options.Rpc)).ConfigureAwait(false);
            if (response.Responses is not [{ StartWorkflow: { } started }, var second]) throw new InvalidOperationException("Unexpected reply to an update with start");
            runId = started.RunId;
            if (!start.IsCompleted) start.SetStarted(client, runId);
            updated = second.UpdateWorkflow;
        }
        while (updated is null || updated.Stage < UpdateWorkflowExecutionLifecycleStage.Accepted);

        var handle = new WorkflowUpdateHandle<TUpdateResult>(client, updateRequest.Request.Meta.UpdateId, id, runId) { KnownOutcome = updated.Outcome };
        if (input.Options.WaitForStage == WorkflowUpdateStage.Completed) await handle.PollUntilOutcomeAsync(input.Options.Rpc).ConfigureAwait(false);
        return handle;
    }

    // The server tells how each operation ended: one of them failed, the other was given up because of it.
    static Exception Explain(Exception error, WithStartWorkflowOperation start)
    {
        if (error is RpcException { GrpcStatus.Value.Details: [var detail] } && detail.TryUnpack(out MultiOperationExecutionFailure failure)
            && failure.Statuses.FirstOrDefault(IsCause) is { } cause)
            error = new RpcException(new Api.Common.V1.GrpcStatus { Code = cause.Code, Message = cause.Message, Details = { cause.Details } });
        return error switch
        {
            RpcException { Code: RpcException.StatusCode.AlreadyExists } e =>
                AlreadyStarted(e, start.Options.Id ?? "", start.Workflow) ?? error,
            OperationCanceledException or RpcException { Code: RpcException.StatusCode.DeadlineExceeded or RpcException.StatusCode.Cancelled } =>
                new WorkflowUpdateRpcTimeoutOrCanceledException(error),
            _ => error,
        };

        static bool IsCause(MultiOperationExecutionFailure.Types.OperationStatus status) =>
            status.Code != (int)RpcException.StatusCode.OK
            && (status.Details.Count == 0 || !status.Details[0].Is(MultiOperationExecutionAborted.Descriptor));
    }
}
