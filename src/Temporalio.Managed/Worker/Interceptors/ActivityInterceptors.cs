using Temporalio.Activities;
using Temporalio.Api.Common.V1;

namespace Temporalio.Worker.Interceptors;

/// <summary>Calls from the worker into an activity. An override calls <see cref="Next"/> or the base method to go on.</summary>
public abstract class ActivityInboundInterceptor
{
    readonly ActivityInboundInterceptor? _next;

    protected ActivityInboundInterceptor(ActivityInboundInterceptor next) => _next = next;

    /// <summary>The innermost one, which calls the activity.</summary>
    private protected ActivityInboundInterceptor() { }

    protected ActivityInboundInterceptor Next => _next ?? throw new InvalidOperationException("No next interceptor");

    /// <summary>Called first, in the activity's context; the place to wrap calls going out of the activity.</summary>
    public virtual void Init(ActivityOutboundInterceptor outbound) => Next.Init(outbound);

    public virtual Task<object?> ExecuteActivityAsync(ExecuteActivityInput input) => Next.ExecuteActivityAsync(input);
}

/// <summary>Calls from an activity to its worker.</summary>
public abstract class ActivityOutboundInterceptor
{
    readonly ActivityOutboundInterceptor? _next;

    protected ActivityOutboundInterceptor(ActivityOutboundInterceptor next) => _next = next;

    /// <summary>The innermost one, which records.</summary>
    private protected ActivityOutboundInterceptor() { }

    protected ActivityOutboundInterceptor Next => _next ?? throw new InvalidOperationException("No next interceptor");

    public virtual void Heartbeat(HeartbeatInput input) => Next.Heartbeat(input);
}

/// <summary>One attempt of an activity.</summary>
/// <param name="Activity">What is called.</param>
/// <param name="Args">With what, one for each parameter given.</param>
/// <param name="Headers">What the caller's interceptors sent along.</param>
public record ExecuteActivityInput(ActivityDefinition Activity, object?[] Args, IReadOnlyDictionary<string, Payload>? Headers);

/// <summary>A heartbeat of the activity that runs; with whatever details, it may be held back by the throttle.</summary>
public record HeartbeatInput(object?[] Details);
