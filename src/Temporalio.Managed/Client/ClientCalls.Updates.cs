using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client.Interceptors;
using Temporalio.Converters;

namespace Temporalio.Client;

sealed partial class ClientCalls
{
    public override async Task<WorkflowUpdateHandle<TResult>> StartWorkflowUpdateAsync<TResult>(StartWorkflowUpdateInput input)
    {
        var request = await UpdateRequestAsync(
            input.Update, input.Args, input.Options, input.Options.WaitForStage, input.Headers, Converter(input.Id)).ConfigureAwait(false);
        request.WorkflowExecution = Execution(input.Id, input.RunId);
        request.FirstExecutionRunId = input.FirstExecutionRunId ?? "";
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
        if (input.Options.WaitForStage == WorkflowUpdateStage.Completed) await handle.PollUntilOutcomeAsync(input.Options.Rpc).ConfigureAwait(false);
        return handle;
    }

    async Task<UpdateWorkflowExecutionRequest> UpdateRequestAsync(
        string update,
        IReadOnlyCollection<object?> args,
        WorkflowUpdateOptions options,
        WorkflowUpdateStage stage,
        IDictionary<string, Payload>? headers,
        DataConverter converter)
    {
        if (stage == WorkflowUpdateStage.None) throw new ArgumentException("WaitForStage is required to start workflow update");
        if (stage == WorkflowUpdateStage.Admitted) throw new ArgumentException("Admitted is not an allowed wait stage to start workflow update");
        return new()
        {
            Namespace = Namespace,
            WaitPolicy = new() { LifecycleStage = (UpdateWorkflowExecutionLifecycleStage)stage },
            Request = new()
            {
                Meta = new() { UpdateId = options.Id ?? Guid.NewGuid().ToString(), Identity = Identity },
                Input = new()
                {
                    Name = update,
                    Args = await StartRequests.PayloadsAsync(converter, args).ConfigureAwait(false),
                    Header = await StartRequests.HeaderAsync(converter, headers).ConfigureAwait(false),
                },
            },
        };
    }
}
