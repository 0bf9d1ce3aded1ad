using Temporalio.Api.Failure.V1;

namespace TemporalDevServer.Engine;

/// <summary>Whether and when something is tried again. Pure.</summary>
static class RetrySchedule
{
    /// <summary>What the server sets where an activity's policy says nothing.</summary>
    public static RetryPolicy WithDefaults(RetryPolicy? policy)
    {
        var full = policy?.Clone() ?? new RetryPolicy();
        if (Ticks.Of(full.InitialInterval) == 0) full.InitialInterval = Ticks.ToDuration(Ticks.PerSecond);
        if (full.BackoffCoefficient == 0) full.BackoffCoefficient = 2;
        if (Ticks.Of(full.MaximumInterval) == 0)
            full.MaximumInterval = Ticks.ToDuration(100 * Ticks.Of(full.InitialInterval));
        return full;
    }

    public static string? Validate(RetryPolicy? policy)
    {
        if (policy is null || policy.MaximumAttempts == 1) return null;
        if (Ticks.IsNegative(policy.InitialInterval)) return "InitialInterval cannot be negative on retry policy.";
        if (policy.BackoffCoefficient is < 1 and not 0)
            return "BackoffCoefficient cannot be less than 1 on retry policy.";
        if (Ticks.IsNegative(policy.MaximumInterval)) return "MaximumInterval cannot be negative on retry policy.";
        if (Ticks.Of(policy.MaximumInterval) is > 0 and var maximum && maximum < Ticks.Of(policy.InitialInterval))
            return "MaximumInterval cannot be less than InitialInterval on retry policy.";
        return policy.MaximumAttempts < 0 ? "MaximumAttempts cannot be negative on retry policy." : null;
    }

    /// <summary>The wait before the next attempt, or why there is none.</summary>
    /// <param name="attempt">The one that failed, from 1 on.</param>
    /// <param name="expires">No attempt begins at or after this instant; 0: none such.</param>
    public static (long? Delay, RetryState State) Next(
        RetryPolicy? policy, int attempt, Failure failure, long now, long expires)
    {
        if (policy is null) return (null, RetryState.RetryPolicyNotSet);
        if (!IsRetryable(failure, policy)) return (null, RetryState.NonRetryableFailure);
        if (policy.MaximumAttempts > 0 && attempt >= policy.MaximumAttempts)
            return (null, RetryState.MaximumAttemptsReached);
        var delay = Ticks.Of(failure.ApplicationFailureInfo?.NextRetryDelay) is > 0 and var asked
            ? asked
            : Delay(policy, attempt);
        if (expires != 0 && now + delay > expires) return (null, RetryState.Timeout);
        return (delay, RetryState.InProgress);
    }

    static long Delay(RetryPolicy policy, int attempt)
    {
        var initial = Ticks.Of(policy.InitialInterval);
        var maximum = Ticks.Of(policy.MaximumInterval);
        if (maximum == 0) maximum = 100 * initial;
        return Backoff(initial, policy.BackoffCoefficient == 0 ? 2 : policy.BackoffCoefficient, maximum, attempt - 1);
    }

    /// <summary>The first wait, grown by the coefficient with each retry, up to a maximum.</summary>
    public static long Backoff(long initial, double coefficient, long maximum, int retries)
    {
        var delay = initial * Math.Pow(coefficient, retries);
        return delay >= maximum ? maximum : (long)delay;
    }

    static bool IsRetryable(Failure failure, RetryPolicy policy) => failure.FailureInfoCase switch
    {
        Failure.FailureInfoOneofCase.TerminatedFailureInfo or Failure.FailureInfoOneofCase.CanceledFailureInfo => false,
        Failure.FailureInfoOneofCase.TimeoutFailureInfo =>
            failure.TimeoutFailureInfo.TimeoutType is TimeoutType.StartToClose or TimeoutType.Heartbeat
            && !policy.NonRetryableErrorTypes.Contains($"TemporalTimeout:{failure.TimeoutFailureInfo.TimeoutType}"),
        Failure.FailureInfoOneofCase.ServerFailureInfo => !failure.ServerFailureInfo.NonRetryable,
        Failure.FailureInfoOneofCase.ApplicationFailureInfo =>
            !failure.ApplicationFailureInfo.NonRetryable
                && !policy.NonRetryableErrorTypes.Contains(failure.ApplicationFailureInfo.Type),
        _ => true,
    };
}
