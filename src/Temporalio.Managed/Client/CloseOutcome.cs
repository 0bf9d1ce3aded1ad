using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Kind = Temporalio.Api.History.V1.HistoryEvent.AttributesOneofCase;

namespace Temporalio.Client;

/// <summary>What the last event of a run means for who waits: a result, an exception, or the run to go on with.</summary>
readonly record struct CloseOutcome<TResult>(TResult? Result, string? NextRunId)
{
    /// <exception cref="WorkflowFailedException">The run ended without a result.</exception>
    /// <exception cref="WorkflowContinuedAsNewException">The run continued as new, and is not to be followed.</exception>
    public static async Task<CloseOutcome<TResult>> ReadAsync(HistoryEvent close, bool followRuns, DataConverter converter)
    {
        switch (close.AttributesCase)
        {
            case Kind.WorkflowExecutionCompletedEventAttributes:
                var completed = close.WorkflowExecutionCompletedEventAttributes;
                if (Follows(completed.NewExecutionRunId, followRuns)) return new(default, completed.NewExecutionRunId);
                if (typeof(TResult) == typeof(ValueTuple) || completed.Result is not { Payloads_.Count: > 0 } result) return default;
                return new(await converter.ToSingleValueAsync<TResult>(result.Payloads_).ConfigureAwait(false), null);

            case Kind.WorkflowExecutionFailedEventAttributes:
                var failed = close.WorkflowExecutionFailedEventAttributes;
                if (Follows(failed.NewExecutionRunId, followRuns)) return new(default, failed.NewExecutionRunId);
                throw new WorkflowFailedException(await converter.ToExceptionAsync(failed.Failure).ConfigureAwait(false));

            case Kind.WorkflowExecutionCanceledEventAttributes:
                var details = close.WorkflowExecutionCanceledEventAttributes.Details;
                throw new WorkflowFailedException(await converter.ToExceptionAsync(
                    new() { Message = "Workflow canceled", CanceledFailureInfo = new() { Details = details } }).ConfigureAwait(false));

            case Kind.WorkflowExecutionTerminatedEventAttributes:
                var terminated = close.WorkflowExecutionTerminatedEventAttributes;
                var payloads = terminated.Details?.Payloads_;
                if (payloads is not null && converter.PayloadCodec is { } codec)
                    payloads = [.. await codec.DecodeAsync(payloads).ConfigureAwait(false)];
                throw new WorkflowFailedException(new TerminatedFailureException(
                    new() { Message = terminated.Reason.Length == 0 ? "Workflow terminated" : terminated.Reason, TerminatedFailureInfo = new() },
                    null,
                    payloads is { Count: > 0 } ? new(converter.PayloadConverter, payloads) : null));

            case Kind.WorkflowExecutionTimedOutEventAttributes:
                var timedOut = close.WorkflowExecutionTimedOutEventAttributes;
                if (Follows(timedOut.NewExecutionRunId, followRuns)) return new(default, timedOut.NewExecutionRunId);
                throw new WorkflowFailedException(new TimeoutFailureException(
                    new() { Message = "Workflow timed out", TimeoutFailureInfo = new() { TimeoutType = TimeoutType.StartToClose } },
                    null,
                    converter.PayloadConverter));

            case Kind.WorkflowExecutionContinuedAsNewEventAttributes:
                var next = close.WorkflowExecutionContinuedAsNewEventAttributes.NewExecutionRunId;
                if (next.Length == 0) throw new InvalidOperationException("Continue as new missing new run ID");
                return followRuns ? new(default, next) : throw new WorkflowContinuedAsNewException(next);

            default:
                throw new InvalidOperationException("No completion event found");
        }
    }

    static bool Follows(string nextRunId, bool followRuns) => followRuns && nextRunId.Length > 0;
}
