using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client.Interceptors;

namespace Temporalio.Client;

sealed partial class ClientCalls
{
    public override async Task<WorkflowUpdateHandle<TResult>> StartWorkflowUpdateAsync<TResult>(StartWorkflowUpdateInput input)
    {
        var stage = input.Options.WaitForStage;
        if (stage == WorkflowUpdateStage.None) throw new ArgumentException("WaitForStage is required to start workflow update");
        if (stage == WorkflowUpdateStage.Admitted) throw new ArgumentException("Admitted is not an allowed wait stage to start workflow update");
        var converter = Converter(input.Id);
        var request = new UpdateWorkflowExecutionRequest
        {
            Namespace = Namespace,
            WorkflowExecution = Execution(input.Id, input.RunId),
            FirstExecutionRunId = input.FirstExecutionRunId ?? "",
            WaitPolicy = new() { LifecycleStage = (UpdateWorkflowExecutionLifecycleStage)stage },
            Request = new()
            {
                Meta = new() { UpdateId = input.Options.Id ?? Guid.NewGuid().ToString(), Identity = Identity },
                Input = new()
                {
                    Name = input.Update,
                    Args = await StartRequests.PayloadsAsync(converter, input.Args).ConfigureAwait(false),
                    Header = await StartRequests.HeaderAsync(converter, input.Headers).ConfigureAwait(false),
                },
            },
        };
        // Until it is accepted the update is not durable: the same request is made again, and the server knows it by its id.
        UpdateWorkflowExecutionResponse response;
        do
        {
            response = await WorkflowUpdateHandle.WaitAsync(
                () => Service.UpdateWorkflowExecutionAsync(request, TemporalClient.DefaultRetryOptions(input.Options.Rpc))).ConfigureAwait(false);
        }
        while (response.Stage < UpdateWorkflowExecutionLifecycleStage.Accepted);

        var handle = new WorkflowUpdateHandle<TResult>(client, request.Request.Meta.UpdateId, input.Id, response.UpdateRef.WorkflowExecution.RunId)
        {
            KnownOutcome = response.Outcome,
        };
        if (stage == WorkflowUpdateStage.Completed) await handle.PollUntilOutcomeAsync(input.Options.Rpc).ConfigureAwait(false);
        return handle;
    }
}
