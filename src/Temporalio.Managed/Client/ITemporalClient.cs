using System.Linq.Expressions;
using Temporalio.Client.Interceptors;
using Temporalio.Worker;

namespace Temporalio.Client;

/// <summary>A client of one namespace. Safe for any number of threads, and meant to be shared.</summary>
public interface ITemporalClient : IWorkerClient
{
    /// <summary>Where operations enter: the first interceptor, or the client itself.</summary>
    ClientOutboundInterceptor OutboundInterceptor { get; }

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
    IAsyncEnumerable<WorkflowExecution> ListWorkflowsAsync(string query, WorkflowListOptions? options = null);

    /// <summary>How many workflows a visibility query finds.</summary>
    Task<WorkflowExecutionCount> CountWorkflowsAsync(string query, WorkflowCountOptions? options = null);

    /// <summary>One page of what <see cref="ListWorkflowsAsync"/> finds.</summary>
    /// <param name="nextPageToken">Of the page before; null: the first page.</param>
    Task<WorkflowListPage> ListWorkflowsPaginatedAsync(string query, byte[]? nextPageToken, WorkflowListPaginatedOptions? options = null);
}
