using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Converters;

namespace Temporalio.Exceptions;

/// <summary>A workflow or an activity was cancelled.</summary>
public class CanceledFailureException : FailureException
{
    internal protected CanceledFailureException(string message, Exception? inner = null, IReadOnlyCollection<object?>? details = null)
        : base(message, inner) => Details = new OutboundFailureDetails(details ?? []);

    internal protected CanceledFailureException(Failure failure, Exception? inner, IPayloadConverter converter) : base(failure, inner)
    {
        var info = failure.CanceledFailureInfo ?? throw new ArgumentException("The failure is not a cancellation.", nameof(failure));
        Details = new InboundFailureDetails(converter, info.Details?.Payloads_);
    }

    public new Failure Failure => base.Failure!;

    public IFailureDetails Details { get; protected init; }
}

/// <summary>A timeout of an activity or a workflow ran out.</summary>
public class TimeoutFailureException : FailureException
{
    internal protected TimeoutFailureException(Failure failure, Exception? inner, IPayloadConverter converter) : base(failure, inner)
    {
        var info = failure.TimeoutFailureInfo ?? throw new ArgumentException("The failure is not a timeout.", nameof(failure));
        LastHeartbeatDetails = new(converter, info.LastHeartbeatDetails?.Payloads_);
    }

    public new Failure Failure => base.Failure!;

    /// <summary>Which of the timeouts.</summary>
    public TimeoutType TimeoutType => Failure.TimeoutFailureInfo.TimeoutType;

    public InboundFailureDetails LastHeartbeatDetails { get; protected init; }
}

/// <summary>A workflow was terminated: it got no chance to react.</summary>
public class TerminatedFailureException : FailureException
{
    internal protected TerminatedFailureException(Failure failure, Exception? inner, InboundFailureDetails? details) : base(failure, inner)
    {
        if (failure.TerminatedFailureInfo == null) throw new ArgumentException("The failure is not a termination.", nameof(failure));
        Details = details;
    }

    public new Failure Failure => base.Failure!;

    public IFailureDetails? Details { get; protected init; }
}

/// <summary>The server itself failed the work.</summary>
public class ServerFailureException : FailureException
{
    internal protected ServerFailureException(Failure failure, Exception? inner) : base(failure, inner)
    {
        if (failure.ServerFailureInfo == null) throw new ArgumentException("The failure is not a server failure.", nameof(failure));
    }

    public new Failure Failure => base.Failure!;

    public bool NonRetryable => Failure.ServerFailureInfo.NonRetryable;
}
