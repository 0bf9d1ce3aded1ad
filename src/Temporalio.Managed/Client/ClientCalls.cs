using System.Runtime.CompilerServices;
using Google.Protobuf;

using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client.Interceptors;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Temporalio.Client;

/// <summary>The end of the interceptors: turns operations into calls of the workflow service.</summary>
sealed partial class ClientCalls(TemporalClient client) : ClientOutboundInterceptor
{
    string Namespace => client.Options.Namespace;

    string Identity => client.Connection.Options.Identity ?? "";

    WorkflowService Service => client.Connection.WorkflowService;

    public override async Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(StartWorkflowInput input)
    {
        if (input.Options.Id is not { } id) throw new ArgumentException("ID required to start workflow");
        try
        {
            return await StartAsync<TWorkflow, TResult>(input, id).ConfigureAwait(false);
        }
        catch (RpcException e) when (AlreadyStarted(e, id, input.Workflow) is { } already)
        {
            throw already;
        }
    }

    public override async Task SignalWorkflowAsync(SignalWorkflowInput input)
    {
        var converter = Converter(input.Id);
        var request = new SignalWorkflowExecutionRequest
        {
            Namespace = Namespace,
            WorkflowExecution = Execution(input.Id, input.RunId),
            SignalName = input.Signal,
            Identity = Identity,
            RequestId = Guid.NewGuid().ToString(),
            Input = await StartRequests.PayloadsAsync(converter, input.Args).ConfigureAwait(false),
            Header = await StartRequests.HeaderAsync(converter, input.Headers).ConfigureAwait(false),
        };
        await Service.SignalWorkflowExecutionAsync(request, TemporalClient.DefaultRetryOptions(input.Options?.Rpc)).ConfigureAwait(false);
    }

    public override async Task<TResult> QueryWorkflowAsync<TResult>(QueryWorkflowInput input)
    {
        var converter = Converter(input.Id);
        var request = new QueryWorkflowRequest
        {
            Namespace = Namespace,
            Execution = Execution(input.Id, input.RunId),
            Query = new()
            {
                QueryType = input.Query,
                QueryArgs = await StartRequests.PayloadsAsync(converter, input.Args).ConfigureAwait(false),
                Header = await StartRequests.HeaderAsync(converter, input.Headers).ConfigureAwait(false),
            },
            QueryRejectCondition = input.Options?.RejectCondition ?? client.Options.QueryRejectCondition ?? default,
        };
        QueryWorkflowResponse response;
        try
        {
            response = await Service.QueryWorkflowAsync(request, TemporalClient.DefaultRetryOptions(input.Options?.Rpc)).ConfigureAwait(false);
        }
        catch (RpcException e) when (
            e.GrpcStatus.Value is { Details: [var detail] } && detail.Is(Api.ErrorDetails.V1.QueryFailedFailure.Descriptor))
        {
            throw new WorkflowQueryFailedException(e.Message);
        }
        if (response.QueryRejected is { } rejected) throw new WorkflowQueryRejectedException(rejected.Status);
        if (response.QueryResult is not { Payloads_.Count: > 0 } result) return default!;
        return await converter.ToSingleValueAsync<TResult>(result.Payloads_).ConfigureAwait(false);
    }

    public override async Task<WorkflowExecutionDescription> DescribeWorkflowAsync(DescribeWorkflowInput input) => new(
        await Service.DescribeWorkflowExecutionAsync(
                new() { Namespace = Namespace, Execution = Execution(input.Id, input.RunId) },
                TemporalClient.DefaultRetryOptions(input.Options?.Rpc))
            .ConfigureAwait(false),
        Converter(input.Id));

    public override Task CancelWorkflowAsync(CancelWorkflowInput input) => Service.RequestCancelWorkflowExecutionAsync(
        new()
        {
            Namespace = Namespace,
            WorkflowExecution = Execution(input.Id, input.RunId),
            FirstExecutionRunId = input.FirstExecutionRunId ?? "",
            Identity = Identity,
            RequestId = Guid.NewGuid().ToString(),
        },
        TemporalClient.DefaultRetryOptions(input.Options?.Rpc));

    public override async Task TerminateWorkflowAsync(TerminateWorkflowInput input) =>
        await Service.TerminateWorkflowExecutionAsync(
                new()
                {
                    Namespace = Namespace,
                    WorkflowExecution = Execution(input.Id, input.RunId),
                    Reason = input.Reason ?? "",
                    FirstExecutionRunId = input.FirstExecutionRunId ?? "",
                    Identity = Identity,
                    Details = await StartRequests.PayloadsAsync(Converter(input.Id), input.Options?.Details).ConfigureAwait(false),
                },
                TemporalClient.DefaultRetryOptions(input.Options?.Rpc))
            .ConfigureAwait(false);

    public override async Task<WorkflowHistoryEventPage> FetchWorkflowHistoryEventPageAsync(FetchWorkflowHistoryEventPageInput input)
    {
        var request = new GetWorkflowExecutionHistoryRequest
        {
            Namespace = Namespace,
            Execution = Execution(input.Id, input.RunId),
            MaximumPageSize = input.PageSize ?? 0,
            NextPageToken = ByteString.CopyFrom(input.NextPageToken ?? []),
            WaitNewEvent = input.WaitNewEvent,
            HistoryEventFilterType = input.EventFilterType,
            SkipArchival = input.SkipArchival,
        };
        var options = TemporalClient.DefaultRetryOptions(input.Rpc);
        // The server ends each wait after a while with a token and no events; the next one goes on from there.
        while (true)
        {
            var response = await Service.GetWorkflowExecutionHistoryAsync(request, options).ConfigureAwait(false);
            if (response.RawHistory.Count > 0) throw new InvalidOperationException("Unexpected raw history returned");
            if (response.History is { Events.Count: > 0 } || (response.NextPageToken.IsEmpty && !(response.History is null && input.WaitNewEvent)))
                return new(
                    response.History?.Events is { } events ? [.. events] : [],
                    response.NextPageToken.IsEmpty ? null : response.NextPageToken.ToByteArray());
            request.NextPageToken = response.NextPageToken;
        }
    }

    public override IAsyncEnumerable<WorkflowExecution> ListWorkflowsAsync(ListWorkflowsInput input)
    {
        if (input.Options is { Limit: < 0 }) throw new ArgumentOutOfRangeException(nameof(input), "Limit cannot be negative");
        return ListAsync(input);
    }

    public override async Task<WorkflowListPage> ListWorkflowsPaginatedAsync(ListWorkflowsPaginatedInput input)
    {
        var response = await Service.ListWorkflowExecutionsAsync(
                new()
                {
                    Namespace = Namespace,
                    PageSize = input.Options?.PageSize ?? 0,
                    Query = input.Query,
                    NextPageToken = ByteString.CopyFrom(input.NextPageToken ?? []),
                },
                TemporalClient.DefaultRetryOptions(input.Options?.Rpc))
            .ConfigureAwait(false);
        return new(
            [.. response.Executions.Select(info => new WorkflowExecution(info, client.Options.DataConverter, Namespace))],
            response.NextPageToken.IsEmpty ? null : response.NextPageToken.ToByteArray());
    }

    public override async Task<WorkflowExecutionCount> CountWorkflowsAsync(CountWorkflowsInput input) => new(
        await Service.CountWorkflowExecutionsAsync(
                new() { Namespace = Namespace, Query = input.Query }, TemporalClient.DefaultRetryOptions(input.Options?.Rpc))
            .ConfigureAwait(false));

    async Task<WorkflowHandle<TWorkflow, TResult>> StartAsync<TWorkflow, TResult>(StartWorkflowInput input, string id)
    {
        var converter = Converter(id);
        var options = input.Options;
        if (options.StartSignal is null && options.StartSignalArgs is not null)
            throw new ArgumentException("Cannot have start signal args without start signal");
        var request = await StartRequests.StartAsync(input, Namespace, Identity, converter).ConfigureAwait(false);
        var rpc = TemporalClient.DefaultRetryOptions(options.Rpc);
        if (options.StartSignal is null)
        {
            using var slot = options.RequestEagerStart ? (client.Connection as TemporalConnection)?.EagerStarts.TryReserve(request) : null;
            var started = await Service.StartWorkflowExecutionAsync(request, rpc).ConfigureAwait(false);
            if (started.EagerWorkflowTask is { } task) slot?.Take(task);
            return new(client, id, ResultRunId: started.RunId, FirstExecutionRunId: started.RunId);
        }
        var signal = await StartRequests.SignalWithStartAsync(request, options.StartSignal, options.StartSignalArgs, converter).ConfigureAwait(false);
        var signaled = await Service.SignalWithStartWorkflowExecutionAsync(signal, rpc).ConfigureAwait(false);
        // Which run was the first is unknown: the workflow may have run before.
        return new(client, id, ResultRunId: signaled.RunId);
    }

    async IAsyncEnumerable<WorkflowExecution> ListAsync(
        ListWorkflowsInput input, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var left = input.Options is { Limit: > 0 and var limit } ? limit : int.MaxValue;
        var (rpc, both) = TemporalClient.DefaultRetryOptions(input.Options?.Rpc).WithAdditionalCancellationToken(cancellationToken);
        using (both)
        {
            byte[]? token = null;
            do
            {
                var page = await client.ListWorkflowsPaginatedAsync(input.Query, token, new() { Rpc = rpc }).ConfigureAwait(false);
                foreach (var execution in page.Workflows)
                {
                    yield return execution;
                    if (--left == 0) yield break;
                }
                token = page.NextPageToken;
            }
            while (token is not null);
        }
    }

    /// <returns>Null: it says something else.</returns>
    static WorkflowAlreadyStartedException? AlreadyStarted(RpcException error, string id, string workflow) =>
        error is { Code: RpcException.StatusCode.AlreadyExists, GrpcStatus.Value.Details: [var detail] }
        && detail.TryUnpack(out Api.ErrorDetails.V1.WorkflowExecutionAlreadyStartedFailure failure)
            ? new(error.Message, id, workflow, failure.RunId)
            : null;

    DataConverter Converter(string workflowId) =>
        client.Options.DataConverter.WithSerializationContext(new ISerializationContext.Workflow(Namespace, workflowId));

    static Api.Common.V1.WorkflowExecution Execution(string id, string? runId) => new() { WorkflowId = id, RunId = runId ?? "" };
}
