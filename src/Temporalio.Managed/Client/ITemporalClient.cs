using System.Linq.Expressions;
using Temporalio.Client.Interceptors;
using Temporalio.Worker;

namespace Temporalio.Client;

/// <summary>A client of one namespace. Safe for any number of threads, and meant to be shared.</summary>
public interface ITemporalClient : IWorkerClient
{
    /// <summary>Where operations enter: the first interceptor, or the client itself.</summary>
    ClientOutboundInterceptor OutboundInterceptor { get; }

    ITemporalConnection Connection { get; }

    WorkflowService WorkflowService { get; }

    /// <summary>Starts a workflow by a call of its run method.</summary>
    /// <param name="options">Id and task queue are required.</param>
    /// <exception cref="ArgumentException">The call or the options cannot be used.</exception>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">The id policies do not allow it.</exception>
    /// <exception cref="Exceptions.RpcException">The server refused.</exception>
    Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(
        Expression<Func<TWorkflow, Task<TResult>>> workflowRunCall, WorkflowOptions options);

    /// <inheritdoc cref="StartWorkflowAsync{TWorkflow, TResult}"/>
    Task<WorkflowHandle<TWorkflow>> StartWorkflowAsync<TWorkflow>(
        Expression<Func<TWorkflow, Task>> workflowRunCall, WorkflowOptions options);

    /// <summary>Starts a workflow by name.</summary>
    /// <inheritdoc cref="StartWorkflowAsync{TWorkflow, TResult}" path="/exception"/>
    Task<WorkflowHandle> StartWorkflowAsync(string workflow, IReadOnlyCollection<object?> args, WorkflowOptions options);

    /// <summary>A handle of a workflow that exists, or not: the server is not asked.</summary>
    /// <param name="runId">Null: the latest run, whenever the handle is used.</param>
    /// <param name="firstExecutionRunId">Cancel and terminate only what began with this run.</param>
    WorkflowHandle GetWorkflowHandle(string id, string? runId = null, string? firstExecutionRunId = null);

    /// <inheritdoc cref="GetWorkflowHandle"/>
    WorkflowHandle<TWorkflow> GetWorkflowHandle<TWorkflow>(string id, string? runId = null, string? firstExecutionRunId = null);

    /// <inheritdoc cref="GetWorkflowHandle"/>
    WorkflowHandle<TWorkflow, TResult> GetWorkflowHandle<TWorkflow, TResult>(
        string id, string? runId = null, string? firstExecutionRunId = null);

    /// <summary>Workflows that a visibility query finds, page after page. A new workflow appears a moment after its start.</summary>
    /// <exception cref="Exceptions.RpcException">The server refused, the query for instance.</exception>
    IAsyncEnumerable<WorkflowExecution> ListWorkflowsAsync(string query, WorkflowListOptions? options = null);

    /// <summary>How many workflows a visibility query finds.</summary>
    /// <exception cref="Exceptions.RpcException">The server refused, the query for instance.</exception>
    Task<WorkflowExecutionCount> CountWorkflowsAsync(string query, WorkflowCountOptions? options = null);

    /// <summary>One page of what <see cref="ListWorkflowsAsync"/> finds.</summary>
    /// <param name="nextPageToken">Of the page before; null: the first page.</param>
    /// <exception cref="Exceptions.RpcException">The server refused, the query for instance.</exception>
    Task<WorkflowListPage> ListWorkflowsPaginatedAsync(string query, byte[]? nextPageToken, WorkflowListPaginatedOptions? options = null);

    /// <summary>
    /// Starts a workflow, unless it runs already, and an update of it in one call: the server does both or neither.
    /// Returns when the update is at the stage that the options name.
    /// </summary>
    /// <param name="options">The start operation and the stage are required.</param>
    /// <exception cref="ArgumentException">The call or the options cannot be used, or the start operation was used before.</exception>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">The id policies do not allow the start.</exception>
    /// <exception cref="Exceptions.WorkflowUpdateRpcTimeoutOrCanceledException">The wait ended before the stage was reached.</exception>
    /// <exception cref="Exceptions.RpcException">The server refused.</exception>
    Task<WorkflowUpdateHandle> StartUpdateWithStartWorkflowAsync<TWorkflow>(
        Expression<Func<TWorkflow, Task>> updateCall, WorkflowStartUpdateWithStartOptions options);

    /// <inheritdoc cref="StartUpdateWithStartWorkflowAsync{TWorkflow}(Expression{Func{TWorkflow, Task}}, WorkflowStartUpdateWithStartOptions)"/>
    Task<WorkflowUpdateHandle<TUpdateResult>> StartUpdateWithStartWorkflowAsync<TWorkflow, TUpdateResult>(
        Expression<Func<TWorkflow, Task<TUpdateResult>>> updateCall, WorkflowStartUpdateWithStartOptions options);

    /// <inheritdoc cref="StartUpdateWithStartWorkflowAsync{TWorkflow}(Expression{Func{TWorkflow, Task}}, WorkflowStartUpdateWithStartOptions)"/>
    Task<WorkflowUpdateHandle> StartUpdateWithStartWorkflowAsync(
        string update, IReadOnlyCollection<object?> args, WorkflowStartUpdateWithStartOptions options);

    /// <inheritdoc cref="StartUpdateWithStartWorkflowAsync{TWorkflow}(Expression{Func{TWorkflow, Task}}, WorkflowStartUpdateWithStartOptions)"/>
    Task<WorkflowUpdateHandle<TUpdateResult>> StartUpdateWithStartWorkflowAsync<TUpdateResult>(
        string update, IReadOnlyCollection<object?> args, WorkflowStartUpdateWithStartOptions options);

    /// <summary>A handle of an attempt of an activity that is ended from outside. The server is not asked.</summary>
    AsyncActivityHandle GetAsyncActivityHandle(byte[] taskToken);

    /// <inheritdoc cref="GetAsyncActivityHandle(byte[])"/>
    AsyncActivityHandle GetAsyncActivityHandle(string workflowId, string runId, string activityId);
}
