namespace Temporalio.Workflows;

/// <summary>A timer.</summary>
public class DelayOptions : ICloneable
{
    public DelayOptions()
    {
    }

    public DelayOptions(TimeSpan delay, string? summary = null, CancellationToken? cancellationToken = null)
    {
        Delay = delay;
        Summary = summary;
        CancellationToken = cancellationToken;
    }

    public DelayOptions(int millisecondsDelay, string? summary = null, CancellationToken? cancellationToken = null)
        : this(TimeSpan.FromMilliseconds(millisecondsDelay), summary, cancellationToken)
    {
    }

    /// <summary>Zero counts as one millisecond; <see cref="Timeout.InfiniteTimeSpan"/> waits for cancellation.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>One line that user interfaces show beside the timer.</summary>
    public string? Summary { get; set; }

    /// <summary>Null: the workflow's own token.</summary>
    public CancellationToken? CancellationToken { get; set; }

    public virtual object Clone() => MemberwiseClone();
}
