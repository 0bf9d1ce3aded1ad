namespace Temporalio.Workflows;

/// <summary>A wait for something to become true in the workflow.</summary>
public class WaitConditionOptions : ICloneable
{
    public WaitConditionOptions()
        : this(() => false)
    {
    }

    public WaitConditionOptions(
        Func<bool> conditionCheck, TimeSpan? timeout = null, string? timeoutSummary = null, CancellationToken? cancellationToken = null)
    {
        ConditionCheck = conditionCheck;
        Timeout = timeout;
        TimeoutSummary = timeoutSummary;
        CancellationToken = cancellationToken;
    }

    /// <summary>Asked again whenever the workflow has moved; it must not change the workflow.</summary>
    public Func<bool> ConditionCheck { get; set; }

    /// <summary>Null: no timer.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>One line that user interfaces show beside the timeout's timer.</summary>
    public string? TimeoutSummary { get; set; }

    /// <summary>Null: the workflow's own token.</summary>
    public CancellationToken? CancellationToken { get; set; }

    public virtual object Clone() => MemberwiseClone();
}
