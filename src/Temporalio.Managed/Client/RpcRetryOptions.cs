using Temporalio.Grpc;

namespace Temporalio.Client;

/// <summary>How calls that are retried at all are retried.</summary>
public class RpcRetryOptions : ICloneable
{
    /// <summary>Wait before the first retry, default 100 ms.</summary>
    public TimeSpan InitialInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Share by which a wait may be shorter or longer, default 0.2.</summary>
    public float RandomizationFactor { get; set; } = 0.2F;

    /// <summary>Growth of the wait, default 1.5 (1.7 where no options are given at all).</summary>
    public float Multiplier { get; set; } = 1.5F;

    /// <summary>Longest wait, default 5 s.</summary>
    public TimeSpan MaxInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>No retry after this long, default 10 s; null: no such limit.</summary>
    public TimeSpan? MaxElapsedTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Attempts in all, default 10; 0: no limit.</summary>
    public int MaxRetries { get; set; } = 10;

    /// <summary>A copy.</summary>
    public virtual object Clone() => MemberwiseClone();

    internal RetryPlan ToPlan()
    {
        if (InitialInterval < TimeSpan.Zero || MaxInterval < InitialInterval || MaxElapsedTime < TimeSpan.Zero)
            throw new ArgumentException(
                $"RpcRetryOptions has InitialInterval {InitialInterval}, MaxInterval {MaxInterval}, MaxElapsedTime {MaxElapsedTime}; none may be negative, and the largest interval not below the first.");
        if (!(RandomizationFactor is >= 0 and <= 1) || !(Multiplier is >= 1 and <= 1000) || MaxRetries < 0)
            throw new ArgumentException(
                $"RpcRetryOptions has RandomizationFactor {RandomizationFactor}, Multiplier {Multiplier}, MaxRetries {MaxRetries}; use 0 to 1, 1 to 1000, and 0 or more.");
        return new(InitialInterval, RandomizationFactor, Multiplier, MaxInterval, MaxElapsedTime, MaxRetries);
    }
}
