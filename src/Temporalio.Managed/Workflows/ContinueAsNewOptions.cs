using Temporalio.Common;

namespace Temporalio.Workflows;

/// <summary>What the next run does differently from this one; null keeps this run's value.</summary>
public class ContinueAsNewOptions : ICloneable
{
    public string? TaskQueue { get; set; }

    public TimeSpan? RunTimeout { get; set; }

    public TimeSpan? TaskTimeout { get; set; }

    public RetryPolicy? RetryPolicy { get; set; }

    public IReadOnlyDictionary<string, object>? Memo { get; set; }

    public SearchAttributeCollection? TypedSearchAttributes { get; set; }

    /// <summary>How long the server waits before the next run's first task. Null: not at all.</summary>
    public TimeSpan? BackoffStartInterval { get; set; }

    /// <summary>Null: the server decides.</summary>
    public InitialVersioningBehavior? InitialVersioningBehavior { get; set; }

    /// <summary>Kept for source compatibility: build id versioning has given way to worker deployments.</summary>
    [Obsolete("Worker Build Id versioning is deprecated in favor of Worker Deployment versioning")]
    public VersioningIntent VersioningIntent { get; set; }

    public virtual object Clone() => MemberwiseClone();
}
