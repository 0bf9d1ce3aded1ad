using Temporalio.Exceptions;
using Code = Temporalio.Exceptions.RpcException.StatusCode;

namespace Temporalio.Grpc;

/// <summary>What a call waits for, which decides its deadline and how long it is repeated.</summary>
enum RpcKind
{
    Normal,

    /// <summary>A client waits for something to happen: the end of a workflow, the outcome of an update.</summary>
    UserLongPoll,

    /// <summary>A worker waits for work; there is nothing else for it to do, so it never gives up on passing trouble.</summary>
    TaskLongPoll,
}

/// <summary>When a call is repeated, and after how long.</summary>
/// <param name="InitialInterval">Wait before the first repetition.</param>
/// <param name="RandomizationFactor">Share by which a wait may be shorter or longer.</param>
/// <param name="Multiplier">Growth of the wait.</param>
/// <param name="MaxInterval">Longest wait.</param>
/// <param name="MaxElapsed">No repetition after this long; null: no such limit.</param>
/// <param name="MaxAttempts">No repetition after this many attempts; 0: no such limit.</param>
sealed record RetryPlan(
    TimeSpan InitialInterval, double RandomizationFactor, double Multiplier, TimeSpan MaxInterval, TimeSpan? MaxElapsed, int MaxAttempts)
{
    /// <summary>Temporal's defaults.</summary>
    public static RetryPlan Default { get; } = new(TimeSpan.FromMilliseconds(100), 0.2, 1.7, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), 10);

    public static RetryPlan TaskPoll { get; } = new(TimeSpan.FromMilliseconds(200), 0.2, 2, TimeSpan.FromSeconds(10), null, 0);

    /// <summary>After RESOURCE_EXHAUSTED the server needs more room than after other errors.</summary>
    public static RetryPlan Throttled { get; } = new(TimeSpan.FromSeconds(1), 0.2, 2, TimeSpan.FromSeconds(10), null, 0);

    /// <summary>Wait after the <paramref name="n"/>th failure (from 1); <paramref name="chance"/> in [0, 1).</summary>
    public TimeSpan Wait(int n, double chance)
    {
        var grown = InitialInterval.TotalMilliseconds * Math.Pow(Multiplier, Math.Min(n - 1, 64));
        var wait = Math.Min(grown, MaxInterval.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(wait * (1 + RandomizationFactor * (2 * chance - 1)));
    }
}

/// <summary>
/// The retry policy of Temporal's SDKs: codes that pass are repeated with growing waits; a message that is too large never
/// passes; a worker's poll goes on through everything that passes, and for a minute through everything else, as proxies
/// answer oddly while they start.
/// </summary>
static class RetryDecision
{
    static readonly TimeSpan FatalPollGrace = TimeSpan.FromSeconds(60);

    /// <param name="failures">Failures so far, this one included.</param>
    /// <param name="throttles">Of these, how many were RESOURCE_EXHAUSTED.</param>
    /// <param name="elapsed">Since the call began; for a long poll, since the first failure, as a poll alone may outlast any limit.</param>
    /// <returns>How long to wait before the next attempt; null: give up.</returns>
    public static TimeSpan? After(
        GrpcStatusLine status, RpcKind kind, RetryPlan plan, int failures, int throttles, TimeSpan elapsed, double chance)
    {
        if (plan.MaxAttempts > 0 && failures >= plan.MaxAttempts) return null;
        if (IsTooLarge(status.Code, status.Message)) return null;
        if (Passes(status, kind))
        {
            if (plan.MaxElapsed is { } max && elapsed > max) return null;
            var wait = plan.Wait(failures, chance);
            if (status.Code != Code.ResourceExhausted) return wait;
            var throttled = RetryPlan.Throttled.Wait(Math.Max(throttles, 1), chance);
            return throttled > wait ? throttled : wait;
        }
        return kind == RpcKind.TaskLongPoll && elapsed <= FatalPollGrace ? plan.MaxInterval : null;
    }

    static bool Passes(GrpcStatusLine status, RpcKind kind) => status.Code switch
    {
        Code.DataLoss or Code.Internal or Code.Unknown or Code.ResourceExhausted or Code.Aborted or Code.OutOfRange or Code.Unavailable => true,
        Code.Cancelled or Code.DeadlineExceeded => kind == RpcKind.TaskLongPoll
            // No answer at all within the deadline of a long poll: the link died unseen, which says nothing about what is waited for.
            || (kind == RpcKind.UserLongPoll && status.Cause is not null),
        _ => false,
    };

    /// <summary>Whether this is a call that fails however often it is made, as one of its messages is too large.</summary>
    public static bool IsTooLarge(RpcException error) => IsTooLarge(error.Code, error.Message);

    static bool IsTooLarge(Code code, string message) =>
        code == Code.ResourceExhausted
        && (message.StartsWith(MessageFraming.MessageTooLarge, StringComparison.Ordinal)
            || message.StartsWith("grpc: message after decompression larger than max", StringComparison.Ordinal)
            || message.StartsWith("grpc: received message after decompression larger than max", StringComparison.Ordinal));
}
