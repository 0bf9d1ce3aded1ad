using System.Linq.Expressions;
using Temporalio.Common;

namespace Temporalio.Workflows;

/// <summary>Another workflow of the namespace, whether it exists or not.</summary>
public abstract class ExternalWorkflowHandle
{
    internal ExternalWorkflowHandle()
    {
    }

    public abstract string Id { get; }

    /// <summary>Null: whichever run is the current one.</summary>
    public abstract string? RunId { get; }

    public Task SignalAsync<TWorkflow>(Expression<Func<TWorkflow, Task>> signalCall, ExternalWorkflowSignalOptions? options = null)
    {
        var (method, args) = ExpressionUtil.ExtractCall(signalCall);
        return SignalAsync(WorkflowSignalDefinition.RetrieveName(method), args, options);
    }

    /// <summary>Returns when the signal has reached the workflow.</summary>
    /// <exception cref="Exceptions.ApplicationFailureException">There is no such workflow running.</exception>
    public abstract Task SignalAsync(string signal, IReadOnlyCollection<object?> args, ExternalWorkflowSignalOptions? options = null);

    /// <summary>Returns when the request has reached the workflow, which may take its time to end.</summary>
    /// <exception cref="Exceptions.ApplicationFailureException">There is no such workflow running.</exception>
    public abstract Task CancelAsync();
}

/// <inheritdoc cref="ExternalWorkflowHandle" />
public abstract class ExternalWorkflowHandle<TWorkflow> : ExternalWorkflowHandle
{
    internal ExternalWorkflowHandle()
    {
    }

    public Task SignalAsync(Expression<Func<TWorkflow, Task>> signalCall, ExternalWorkflowSignalOptions? options = null) =>
        SignalAsync<TWorkflow>(signalCall, options);
}

/// <summary>How another workflow is signalled.</summary>
public class ExternalWorkflowSignalOptions : ICloneable
{
    /// <summary>Null: the workflow's own token. Takes back a signal that has not gone out.</summary>
    public CancellationToken? CancellationToken { get; set; }

    public virtual object Clone() => MemberwiseClone();
}
