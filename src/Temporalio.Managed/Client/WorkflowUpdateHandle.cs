using Temporalio.Api.Enums.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Temporalio.Client;

/// <summary>An update that was started.</summary>
/// <param name="Id">The update's id.</param>
/// <param name="WorkflowRunId">The run that has it. Null: the latest.</param>
public record WorkflowUpdateHandle(ITemporalClient Client, string Id, string WorkflowId, string? WorkflowRunId = null)
{
    internal Outcome? KnownOutcome { get; set; }

    /// <summary>Waits for the end; see the other overload.</summary>
    public Task GetResultAsync(RpcOptions? rpcOptions = null) => GetResultAsync<ValueTuple>(rpcOptions);

    /// <summary>Waits for the update's end, however long it takes, and returns its result.</summary>
    /// <param name="rpcOptions">Of each call made while waiting.</param>
    /// <exception cref="WorkflowUpdateFailedException">It was rejected, or failed; the inner exception says.</exception>
    /// <exception cref="WorkflowUpdateRpcTimeoutOrCanceledException">The wait ended; the update goes on.</exception>
    /// <exception cref="RpcException">The server refused; NotFound: there is no such update.</exception>
    public virtual async Task<TResult> GetResultAsync<TResult>(RpcOptions? rpcOptions = null)
    {
        await PollUntilOutcomeAsync(rpcOptions).ConfigureAwait(false);
        var converter = Client.Options.DataConverter.WithSerializationContext(new ISerializationContext.Workflow(Client.Options.Namespace, WorkflowId));
        if (KnownOutcome!.Failure is { } failure)
            throw new WorkflowUpdateFailedException(await converter.ToExceptionAsync(failure).ConfigureAwait(false));
        if (KnownOutcome.Success is not { } success) throw new InvalidOperationException($"Unrecognized outcome case: {KnownOutcome.ValueCase}");
        if (typeof(TResult) == typeof(ValueTuple) || success.Payloads_.Count == 0) return default!;
        return await converter.ToSingleValueAsync<TResult>(success.Payloads_).ConfigureAwait(false);
    }

    internal async Task PollUntilOutcomeAsync(RpcOptions? rpcOptions)
    {
        var request = new PollWorkflowExecutionUpdateRequest
        {
            Namespace = Client.Options.Namespace,
            UpdateRef = new() { WorkflowExecution = new() { WorkflowId = WorkflowId, RunId = WorkflowRunId ?? "" }, UpdateId = Id },
            Identity = Client.Connection.Options.Identity ?? "",
            WaitPolicy = new() { LifecycleStage = UpdateWorkflowExecutionLifecycleStage.Completed },
        };
        // The server ends each wait after a while without an outcome.
        while (KnownOutcome == null)
        {
            var response = await WaitAsync(() => Client.Connection.WorkflowService.PollWorkflowExecutionUpdateAsync(
                request, TemporalClient.DefaultRetryOptions(rpcOptions))).ConfigureAwait(false);
            KnownOutcome = response.Outcome;
        }
    }

    internal static async Task<T> WaitAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException { Code: RpcException.StatusCode.DeadlineExceeded or RpcException.StatusCode.Cancelled })
        {
            throw new WorkflowUpdateRpcTimeoutOrCanceledException(e);
        }
    }
}

/// <summary>A handle that knows the update's result.</summary>
public record WorkflowUpdateHandle<TResult>(ITemporalClient Client, string Id, string WorkflowId, string? WorkflowRunId = null)
    : WorkflowUpdateHandle(Client, Id, WorkflowId, WorkflowRunId)
{
    /// <inheritdoc cref="WorkflowUpdateHandle.GetResultAsync{TResult}"/>
    public new Task<TResult> GetResultAsync(RpcOptions? rpcOptions = null) => GetResultAsync<TResult>(rpcOptions);
}
