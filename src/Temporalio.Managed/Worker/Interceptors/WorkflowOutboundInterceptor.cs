using Temporalio.Api.Common.V1;
using Temporalio.Workflows;

namespace Temporalio.Worker.Interceptors;

/// <summary>
/// What a workflow asks for. An override calls <see cref="Next"/> or the base method to go on, with headers of its own if
/// it likes: they reach the inbound interceptors of what is called.
/// </summary>
public abstract class WorkflowOutboundInterceptor
{
    readonly WorkflowOutboundInterceptor? _next;

    protected WorkflowOutboundInterceptor(WorkflowOutboundInterceptor next) => _next = next;

    /// <summary>The innermost one, which makes commands.</summary>
    private protected WorkflowOutboundInterceptor() { }

    protected WorkflowOutboundInterceptor Next => _next ?? throw new InvalidOperationException("No next interceptor");

    public virtual Task CancelExternalWorkflowAsync(CancelExternalWorkflowInput input) => Next.CancelExternalWorkflowAsync(input);

    public virtual ContinueAsNewException CreateContinueAsNewException(CreateContinueAsNewExceptionInput input) => Next.CreateContinueAsNewException(input);

    /// <summary>Also called for the timeout of a wait condition and for a long wait between attempts of a local activity.</summary>
    public virtual Task DelayAsync(DelayAsyncInput input) => Next.DelayAsync(input);

    public virtual Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input) => Next.ScheduleActivityAsync<TResult>(input);

    public virtual Task<TResult> ScheduleLocalActivityAsync<TResult>(ScheduleLocalActivityInput input) => Next.ScheduleLocalActivityAsync<TResult>(input);

    public virtual Task SignalChildWorkflowAsync(SignalChildWorkflowInput input) => Next.SignalChildWorkflowAsync(input);

    public virtual Task SignalExternalWorkflowAsync(SignalExternalWorkflowInput input) => Next.SignalExternalWorkflowAsync(input);

    public virtual Task<ChildWorkflowHandle<TWorkflow, TResult>> StartChildWorkflowAsync<TWorkflow, TResult>(StartChildWorkflowInput input) =>
        Next.StartChildWorkflowAsync<TWorkflow, TResult>(input);
}

/// <summary>A request to cancel another workflow.</summary>
public record CancelExternalWorkflowInput(string Id, string? RunId);

/// <summary>The end of this run and the start of the next.</summary>
/// <param name="Workflow">The type of the next run.</param>
/// <param name="Args">Of its run method.</param>
/// <param name="Options">Null: as this run.</param>
/// <param name="Headers">For the next run, which gets none of this run's.</param>
public record CreateContinueAsNewExceptionInput(string Workflow, IReadOnlyCollection<object?> Args, ContinueAsNewOptions? Options, IDictionary<string, Payload>? Headers);

/// <summary>A timer: a delay, or the time limit of a wait for a condition.</summary>
/// <param name="Delay">Zero counts as one millisecond.</param>
/// <param name="CancellationToken">Null: the workflow's own.</param>
/// <param name="Summary">One line for people.</param>
public record DelayAsyncInput(TimeSpan Delay, CancellationToken? CancellationToken, string? Summary);

/// <summary>An activity that a workflow asks for. Headers are null unless an interceptor adds some.</summary>
public record ScheduleActivityInput(string Activity, IReadOnlyCollection<object?> Args, ActivityOptions Options, IDictionary<string, Payload>? Headers);

/// <summary>A local activity that a workflow asks for. Headers are null unless an interceptor adds some.</summary>
public record ScheduleLocalActivityInput(string Activity, IReadOnlyCollection<object?> Args, LocalActivityOptions Options, IDictionary<string, Payload>? Headers);

/// <summary>A signal to a child.</summary>
public record SignalChildWorkflowInput(string Id, string Signal, IReadOnlyCollection<object?> Args, ChildWorkflowSignalOptions? Options, IDictionary<string, Payload>? Headers);

/// <summary>A signal to another workflow.</summary>
public record SignalExternalWorkflowInput(
    string Id, string? RunId, string Signal, IReadOnlyCollection<object?> Args, ExternalWorkflowSignalOptions? Options, IDictionary<string, Payload>? Headers);

/// <summary>A child that a workflow asks for. Headers are null unless an interceptor adds some.</summary>
public record StartChildWorkflowInput(string Workflow, IReadOnlyCollection<object?> Args, ChildWorkflowOptions Options, IDictionary<string, Payload>? Headers);
