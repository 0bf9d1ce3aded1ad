using System.Linq.Expressions;
using Temporalio.Api.Common.V1;
using Temporalio.Common;
using Temporalio.Workflows;

namespace Temporalio.Client;

/// <summary>
/// The start that belongs to an update-with-start; made by <see cref="Create(string, IReadOnlyCollection{object?}, WorkflowOptions)"/>
/// and used once. Its options need id, task queue and an id conflict policy, and must not hold a start signal, a request
/// for eager start, or RPC options.
/// </summary>
public abstract class WithStartWorkflowOperation : ICloneable
{
    int _used;

    internal WithStartWorkflowOperation(string workflow, IReadOnlyCollection<object?> args, WorkflowOptions options) =>
        (Workflow, Args, Options) = (workflow, args, options);

    /// <summary>The workflow's type.</summary>
    public string Workflow { get; set; }

    public IReadOnlyCollection<object?> Args { get; set; }

    public WorkflowOptions Options { get; set; }

    /// <summary>Travel with the start; interceptors may add to them.</summary>
    public IDictionary<string, Payload>? Headers { get; set; }

    internal abstract bool IsCompleted { get; }

    /// <summary>From a call of the workflow's run method.</summary>
    public static WithStartWorkflowOperation<WorkflowHandle<TWorkflow, TResult>> Create<TWorkflow, TResult>(
        Expression<Func<TWorkflow, Task<TResult>>> workflowRunCall, WorkflowOptions options)
    {
        var (run, args) = ExpressionUtil.ExtractCall(workflowRunCall);
        return new(
            WorkflowDefinition.NameFromRunMethod(run), args, options,
            (client, id, runId) => new(client, id, ResultRunId: runId, FirstExecutionRunId: runId));
    }

    /// <summary>From a call of the workflow's run method.</summary>
    public static WithStartWorkflowOperation<WorkflowHandle<TWorkflow>> Create<TWorkflow>(
        Expression<Func<TWorkflow, Task>> workflowRunCall, WorkflowOptions options)
    {
        var (run, args) = ExpressionUtil.ExtractCall(workflowRunCall);
        return new(
            WorkflowDefinition.NameFromRunMethod(run), args, options,
            (client, id, runId) => new(client, id, ResultRunId: runId, FirstExecutionRunId: runId));
    }

    /// <summary>By the workflow's name.</summary>
    public static WithStartWorkflowOperation<WorkflowHandle> Create(
        string workflow, IReadOnlyCollection<object?> args, WorkflowOptions options) =>
        new(workflow, args, options, (client, id, runId) => new(client, id, ResultRunId: runId, FirstExecutionRunId: runId));

    /// <summary>A copy with its own options that may be used again; it shares arguments, headers and the handle that is waited for.</summary>
    public abstract object Clone();

    /// <returns>Whether this is the first use.</returns>
    internal bool TryMarkUsed() => Interlocked.Exchange(ref _used, 1) == 0;

    internal abstract void SetStarted(ITemporalClient client, string runId);

    internal abstract void SetFailed(Exception exception);
}

/// <inheritdoc cref="WithStartWorkflowOperation"/>
public sealed class WithStartWorkflowOperation<THandle> : WithStartWorkflowOperation
    where THandle : WorkflowHandle
{
    readonly Func<ITemporalClient, string, string, THandle> _toHandle;
    readonly TaskCompletionSource<THandle> _handle;

    internal WithStartWorkflowOperation(
        string workflow,
        IReadOnlyCollection<object?> args,
        WorkflowOptions options,
        Func<ITemporalClient, string, string, THandle> toHandle,
        TaskCompletionSource<THandle>? handle = null)
        : base(workflow, args, options) =>
        (_toHandle, _handle) = (toHandle, handle ?? new(TaskCreationOptions.RunContinuationsAsynchronously));

    internal override bool IsCompleted => _handle.Task.IsCompleted;

    public override object Clone() =>
        new WithStartWorkflowOperation<THandle>(Workflow, Args, (WorkflowOptions)Options.Clone(), _toHandle, _handle) { Headers = Headers };

    /// <summary>The handle of the workflow, started now or running before; there as soon as the server has answered.</summary>
    /// <exception cref="ArgumentException">The call or the options cannot be used.</exception>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">The id policies do not allow the start.</exception>
    /// <exception cref="Exceptions.RpcException">The server refused.</exception>
    public Task<THandle> GetHandleAsync() => _handle.Task;

    internal override void SetStarted(ITemporalClient client, string runId) => _handle.TrySetResult(_toHandle(client, Options.Id!, runId));

    internal override void SetFailed(Exception exception)
    {
        if (!_handle.TrySetException(exception)) return;
        // Whoever made the call has the same exception; that nobody may ask for the handle is no fault of its own.
        _ = _handle.Task.Exception;
    }
}
