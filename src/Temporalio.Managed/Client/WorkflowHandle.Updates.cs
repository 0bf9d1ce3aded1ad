using System.Linq.Expressions;
using Temporalio.Common;
using Temporalio.Workflows;

namespace Temporalio.Client;

public partial record WorkflowHandle
{
    /// <summary>Starts an update by a call of its handler, and waits until it is at the stage that the options name. A rejected one counts as completed.</summary>
    /// <exception cref="ArgumentException">The call cannot be used, or no stage that can be waited for is given.</exception>
    /// <exception cref="Exceptions.WorkflowUpdateRpcTimeoutOrCanceledException">The wait ended before the stage was reached.</exception>
    /// <exception cref="Exceptions.RpcException">The server refused.</exception>
    public Task<WorkflowUpdateHandle> StartUpdateAsync<TWorkflow>(Expression<Func<TWorkflow, Task>> updateCall, WorkflowUpdateStartOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(updateCall);
        return StartUpdateAsync(WorkflowUpdateDefinition.RetrieveName(method), args, options);
    }

    /// <inheritdoc cref="StartUpdateAsync{TWorkflow}(Expression{Func{TWorkflow, Task}}, WorkflowUpdateStartOptions)"/>
    public Task<WorkflowUpdateHandle<TUpdateResult>> StartUpdateAsync<TWorkflow, TUpdateResult>(
        Expression<Func<TWorkflow, Task<TUpdateResult>>> updateCall, WorkflowUpdateStartOptions options)
    {
        var (method, args) = ExpressionUtil.ExtractCall(updateCall);
        return StartUpdateAsync<TUpdateResult>(WorkflowUpdateDefinition.RetrieveName(method), args, options);
    }

    /// <summary>Starts an update by name.</summary>
    /// <inheritdoc cref="StartUpdateAsync{TWorkflow}(Expression{Func{TWorkflow, Task}}, WorkflowUpdateStartOptions)" path="/exception"/>
    public async Task<WorkflowUpdateHandle> StartUpdateAsync(string update, IReadOnlyCollection<object?> args, WorkflowUpdateStartOptions options) =>
        await StartUpdateAsync<ValueTuple>(update, args, options).ConfigureAwait(false);

    /// <inheritdoc cref="StartUpdateAsync(string, IReadOnlyCollection{object?}, WorkflowUpdateStartOptions)"/>
    public virtual Task<WorkflowUpdateHandle<TUpdateResult>> StartUpdateAsync<TUpdateResult>(
        string update, IReadOnlyCollection<object?> args, WorkflowUpdateStartOptions options) =>
        Client.OutboundInterceptor.StartWorkflowUpdateAsync<TUpdateResult>(new(Id, RunId, FirstExecutionRunId, update, args, options, null));

    /// <summary>Makes an update by a call of its handler, and waits for its result.</summary>
    /// <exception cref="Exceptions.WorkflowUpdateFailedException">It was rejected, or failed; the inner exception says.</exception>
    /// <exception cref="Exceptions.WorkflowUpdateRpcTimeoutOrCanceledException">The wait ended first.</exception>
    /// <exception cref="Exceptions.RpcException">The server refused.</exception>
    public async Task ExecuteUpdateAsync<TWorkflow>(Expression<Func<TWorkflow, Task>> updateCall, WorkflowUpdateOptions? options = null)
    {
        var handle = await StartUpdateAsync(updateCall, ToCompletion(options)).ConfigureAwait(false);
        await handle.GetResultAsync(options?.Rpc).ConfigureAwait(false);
    }

    /// <inheritdoc cref="ExecuteUpdateAsync{TWorkflow}(Expression{Func{TWorkflow, Task}}, WorkflowUpdateOptions?)"/>
    public async Task<TUpdateResult> ExecuteUpdateAsync<TWorkflow, TUpdateResult>(
        Expression<Func<TWorkflow, Task<TUpdateResult>>> updateCall, WorkflowUpdateOptions? options = null)
    {
        var handle = await StartUpdateAsync(updateCall, ToCompletion(options)).ConfigureAwait(false);
        return await handle.GetResultAsync(options?.Rpc).ConfigureAwait(false);
    }

    /// <summary>Makes an update by name.</summary>
    /// <inheritdoc cref="ExecuteUpdateAsync{TWorkflow}(Expression{Func{TWorkflow, Task}}, WorkflowUpdateOptions?)" path="/exception"/>
    public async Task ExecuteUpdateAsync(string update, IReadOnlyCollection<object?> args, WorkflowUpdateOptions? options = null)
    {
        var handle = await StartUpdateAsync(update, args, ToCompletion(options)).ConfigureAwait(false);
        await handle.GetResultAsync(options?.Rpc).ConfigureAwait(false);
    }

    /// <inheritdoc cref="ExecuteUpdateAsync(string, IReadOnlyCollection{object?}, WorkflowUpdateOptions?)"/>
    public async Task<TUpdateResult> ExecuteUpdateAsync<TUpdateResult>(string update, IReadOnlyCollection<object?> args, WorkflowUpdateOptions? options = null)
    {
        var handle = await StartUpdateAsync<TUpdateResult>(update, args, ToCompletion(options)).ConfigureAwait(false);
        return await handle.GetResultAsync(options?.Rpc).ConfigureAwait(false);
    }

    /// <summary>A handle of an update that was started elsewhere, or not: the server is not asked.</summary>
    public WorkflowUpdateHandle GetUpdateHandle(string id) => new(Client, id, Id, RunId);

    /// <inheritdoc cref="GetUpdateHandle"/>
    public WorkflowUpdateHandle<TUpdateResult> GetUpdateHandle<TUpdateResult>(string id) => new(Client, id, Id, RunId);

    private protected static WorkflowUpdateStartOptions ToCompletion(WorkflowUpdateOptions? options) =>
        new(WorkflowUpdateStage.Completed) { Id = options?.Id, Rpc = options?.Rpc };
}

public partial record WorkflowHandle<TWorkflow>
{
    /// <inheritdoc cref="WorkflowHandle.StartUpdateAsync{TWorkflow}(Expression{Func{TWorkflow, Task}}, WorkflowUpdateStartOptions)"/>
    public Task<WorkflowUpdateHandle> StartUpdateAsync(Expression<Func<TWorkflow, Task>> updateCall, WorkflowUpdateStartOptions options) =>
        StartUpdateAsync<TWorkflow>(updateCall, options);

    /// <inheritdoc cref="WorkflowHandle.StartUpdateAsync{TWorkflow}(Expression{Func{TWorkflow, Task}}, WorkflowUpdateStartOptions)"/>
    public Task<WorkflowUpdateHandle<TUpdateResult>> StartUpdateAsync<TUpdateResult>(
        Expression<Func<TWorkflow, Task<TUpdateResult>>> updateCall, WorkflowUpdateStartOptions options) =>
        StartUpdateAsync<TWorkflow, TUpdateResult>(updateCall, options);

    /// <inheritdoc cref="WorkflowHandle.ExecuteUpdateAsync{TWorkflow}(Expression{Func{TWorkflow, Task}}, WorkflowUpdateOptions?)"/>
    public Task ExecuteUpdateAsync(Expression<Func<TWorkflow, Task>> updateCall, WorkflowUpdateOptions? options = null) =>
        ExecuteUpdateAsync<TWorkflow>(updateCall, options);

    /// <inheritdoc cref="WorkflowHandle.ExecuteUpdateAsync{TWorkflow}(Expression{Func{TWorkflow, Task}}, WorkflowUpdateOptions?)"/>
    public Task<TUpdateResult> ExecuteUpdateAsync<TUpdateResult>(
        Expression<Func<TWorkflow, Task<TUpdateResult>>> updateCall, WorkflowUpdateOptions? options = null) =>
        ExecuteUpdateAsync<TWorkflow, TUpdateResult>(updateCall, options);
}
