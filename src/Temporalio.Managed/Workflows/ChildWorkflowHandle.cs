using System.Linq.Expressions;
using Temporalio.Common;

namespace Temporalio.Workflows;

/// <summary>A child workflow that has started.</summary>
public abstract class ChildWorkflowHandle
{
    internal ChildWorkflowHandle()
    {
    }

    public abstract string Id { get; }

    /// <summary>The child's first run; retries and continue-as-new have others.</summary>
    public abstract string FirstExecutionRunId { get; }

    /// <exception cref="Exceptions.ChildWorkflowFailureException">The child did not complete.</exception>
    public Task GetResultAsync() => GetResultAsync<ValueTuple>();

    /// <inheritdoc cref="GetResultAsync()" />
    public abstract Task<TResult> GetResultAsync<TResult>();

    public Task SignalAsync<TWorkflow>(Expression<Func<TWorkflow, Task>> signalCall, ChildWorkflowSignalOptions? options = null)
    {
        var (method, args) = ExpressionUtil.ExtractCall(signalCall);
        return SignalAsync(WorkflowSignalDefinition.RetrieveName(method), args, options);
    }

    /// <summary>Returns when the signal has reached the child.</summary>
    /// <exception cref="Exceptions.ApplicationFailureException">The child does not run any more.</exception>
    public abstract Task SignalAsync(string signal, IReadOnlyCollection<object?> args, ChildWorkflowSignalOptions? options = null);
}

/// <inheritdoc cref="ChildWorkflowHandle" />
public abstract class ChildWorkflowHandle<TWorkflow> : ChildWorkflowHandle
{
    internal ChildWorkflowHandle()
    {
    }

    public Task SignalAsync(Expression<Func<TWorkflow, Task>> signalCall, ChildWorkflowSignalOptions? options = null) =>
        SignalAsync<TWorkflow>(signalCall, options);
}

/// <inheritdoc cref="ChildWorkflowHandle" />
public abstract class ChildWorkflowHandle<TWorkflow, TResult> : ChildWorkflowHandle<TWorkflow>
{
    internal ChildWorkflowHandle()
    {
    }

    /// <inheritdoc cref="ChildWorkflowHandle.GetResultAsync()" />
    public new Task<TResult> GetResultAsync() => GetResultAsync<TResult>();
}

/// <summary>How a child is signalled.</summary>
public class ChildWorkflowSignalOptions : ICloneable
{
    /// <summary>Null: the workflow's own token. Takes back a signal that has not gone out.</summary>
    public CancellationToken? CancellationToken { get; set; }

    public virtual object Clone() => MemberwiseClone();
}
