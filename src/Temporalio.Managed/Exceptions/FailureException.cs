using Temporalio.Api.Failure.V1;

namespace Temporalio.Exceptions;

/// <summary>An error that can cross the wire as a <see cref="Api.Failure.V1.Failure"/>.</summary>
public class FailureException : TemporalException
{
    internal protected FailureException(string message, Exception? inner = null) : base(message, inner) { }

    internal protected FailureException(Failure failure, Exception? inner) : base(failure.Message, inner) => Failure = failure;

    /// <summary>What came over the wire; null for an exception made in this process.</summary>
    public Failure? Failure { get; protected init; }

    /// <summary>This exception's own trace once it was thrown here, else the one that came with the failure.</summary>
    public override string? StackTrace =>
        base.StackTrace is { Length: > 0 } own ? own
        : Failure?.StackTrace is { Length: > 0 } remote ? remote
        : base.StackTrace;
}
