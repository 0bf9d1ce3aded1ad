using Temporalio.Api.Failure.V1;
using Temporalio.Common;

namespace Temporalio.Worker;

/// <summary>Whether and when a failed local activity is tried again. The arithmetic is the server's for normal activities.</summary>
static class LocalActivityRetry
{
    /// <summary>Longest wait when the policy names none, in multiples of the first one.</summary>
    const int MaximumIntervalFactor = 100;

    /// <returns>The wait before the next attempt; null when there is none.</returns>
    public static TimeSpan? NextDelay(RetryPolicy? policy, uint attempt, Failure failure)
    {
        policy ??= new RetryPolicy();
        if (policy.MaximumAttempts > 0 && attempt >= policy.MaximumAttempts) return null;
        if (failure.ApplicationFailureInfo is { } application)
        {
            if (application.NonRetryable) return null;
            if (policy.NonRetryableErrorTypes?.Contains(application.Type) == true) return null;
            if (application.NextRetryDelay is { } chosen) return chosen.ToTimeSpan();
        }
        if (failure.TimeoutFailureInfo is { } timeout && timeout.TimeoutType != Api.Enums.V1.TimeoutType.StartToClose) return null;
        var initial = policy.InitialInterval > TimeSpan.Zero ? policy.InitialInterval : TimeSpan.FromSeconds(1);
        var coefficient = policy.BackoffCoefficient >= 1 ? policy.BackoffCoefficient : 1;
        var maximum = policy.MaximumInterval ?? initial * MaximumIntervalFactor;
        var seconds = initial.TotalSeconds * Math.Pow(coefficient, attempt - 1);
        return seconds < maximum.TotalSeconds ? TimeSpan.FromSeconds(seconds) : maximum;
    }
}
