using System.Reflection;
using Temporalio.Api.Common.V1;
using Temporalio.Workflows;

namespace Temporalio.Worker.Interceptors;

/// <summary>
/// Calls from the worker into a workflow. An override calls <see cref="Next"/> or the base method to go on. All of them
/// run in the workflow's context and are replayed like its code.
/// </summary>
public abstract class WorkflowInboundInterceptor
{
    readonly WorkflowInboundInterceptor? _next;

    protected WorkflowInboundInterceptor(WorkflowInboundInterceptor next) => _next = next;

    /// <summary>The innermost one, which calls the workflow.</summary>
    private protected WorkflowInboundInterceptor() { }

    protected WorkflowInboundInterceptor Next => _next ?? throw new InvalidOperationException("No next interceptor");

    /// <summary>Called first; the place to wrap calls going out of the workflow.</summary>
    public virtual void Init(WorkflowOutboundInterceptor outbound) => Next.Init(outbound);

    /// <returns>The run method's result; null when it has none.</returns>
    public virtual Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input) => Next.ExecuteWorkflowAsync(input);

    public virtual Task HandleSignalAsync(HandleSignalInput input) => Next.HandleSignalAsync(input);

    /// <summary>Not called for the queries that the SDK answers itself.</summary>
    public virtual object? HandleQuery(HandleQueryInput input) => Next.HandleQuery(input);

    /// <summary>Called only for an update that has a validator, and not on replay. What it throws rejects the update.</summary>
    public virtual void ValidateUpdate(HandleUpdateInput input) => Next.ValidateUpdate(input);

    public virtual Task<object?> HandleUpdateAsync(HandleUpdateInput input) => Next.HandleUpdateAsync(input);
}

/// <summary>The call of the run method.</summary>
/// <param name="Instance">The workflow object.</param>
/// <param name="RunMethod">What is called.</param>
/// <param name="Args">With what. The headers are in <see cref="Workflow.Info"/>.</param>
public record ExecuteWorkflowInput(object Instance, MethodInfo RunMethod, object?[] Args);

/// <summary>A signal that has come.</summary>
/// <param name="Signal">The name it was sent under; a dynamic definition has none.</param>
/// <param name="Definition">What is called.</param>
/// <param name="Args">With what.</param>
/// <param name="Headers">What the sender's interceptors sent along.</param>
public record HandleSignalInput(string Signal, WorkflowSignalDefinition Definition, object?[] Args, IReadOnlyDictionary<string, Payload>? Headers);

/// <summary>A query that has come.</summary>
/// <param name="Id">Of this one asking.</param>
/// <param name="Query">The name it was asked under; a dynamic definition has none.</param>
/// <param name="Definition">What is called.</param>
/// <param name="Args">With what.</param>
/// <param name="Headers">What the asker's interceptors sent along.</param>
public record HandleQueryInput(string Id, string Query, WorkflowQueryDefinition Definition, object?[] Args, IReadOnlyDictionary<string, Payload>? Headers);

/// <summary>An update that has come.</summary>
/// <param name="Id">The update's.</param>
/// <param name="Update">The name it was sent under; a dynamic definition has none.</param>
/// <param name="Definition">What is called.</param>
/// <param name="Args">With what; validator and handler each get their own.</param>
/// <param name="Headers">What the sender's interceptors sent along.</param>
public record HandleUpdateInput(string Id, string Update, WorkflowUpdateDefinition Definition, object?[] Args, IReadOnlyDictionary<string, Payload>? Headers);
