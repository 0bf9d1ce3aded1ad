using Temporalio.Common;

namespace Temporalio.Workflows;

/// <summary>How a local activity runs: in the worker that holds the workflow task, without a task of its own on the server.</summary>
public class LocalActivityOptions : ICloneable
{
    /// <summary>From scheduling to the final outcome, retries included.</summary>
    public TimeSpan? ScheduleToCloseTimeout { get; set; }

    /// <summary>From scheduling to a free slot in this worker.</summary>
    public TimeSpan? ScheduleToStartTimeout { get; set; }

    /// <summary>One attempt.</summary>
    public TimeSpan? StartToCloseTimeout { get; set; }

    /// <summary>Null: 1 s doubling to 100 s, without end (bounded by the timeouts).</summary>
    public RetryPolicy? RetryPolicy { get; set; }

    public ActivityCancellationType CancellationType { get; set; } = ActivityCancellationType.TryCancel;

    /// <summary>Null: the workflow's own token.</summary>
    public CancellationToken? CancellationToken { get; set; }

    /// <summary>Null: a number. Must be unique within the run.</summary>
    public string? ActivityId { get; set; }

    /// <summary>A wait before a retry that is longer than this becomes a timer of the workflow. Default: 1 minute.</summary>
    public TimeSpan? LocalRetryThreshold { get; set; }

    /// <summary>One line of Markdown that user interfaces show beside the activity's marker.</summary>
    public string? Summary { get; set; }

    public virtual object Clone() => MemberwiseClone();
}
