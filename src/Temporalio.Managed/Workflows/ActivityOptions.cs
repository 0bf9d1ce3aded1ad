using Temporalio.Common;

namespace Temporalio.Workflows;

/// <summary>How an activity runs. <see cref="ScheduleToCloseTimeout"/> or <see cref="StartToCloseTimeout"/> must be set.</summary>
public class ActivityOptions : ICloneable
{
    /// <summary>From scheduling to the final outcome, retries included. Null: unlimited, when StartToCloseTimeout is set.</summary>
    public TimeSpan? ScheduleToCloseTimeout { get; set; }

    /// <summary>From scheduling to a worker taking it. Never retried. Null: unlimited.</summary>
    public TimeSpan? ScheduleToStartTimeout { get; set; }

    /// <summary>One attempt on a worker.</summary>
    public TimeSpan? StartToCloseTimeout { get; set; }

    /// <summary>Longest silence between heartbeats. Null: none expected, and cancellation cannot reach the activity.</summary>
    public TimeSpan? HeartbeatTimeout { get; set; }

    /// <summary>Null: the server's, which is 1 s doubling to 100 s, without end.</summary>
    public RetryPolicy? RetryPolicy { get; set; }

    public ActivityCancellationType CancellationType { get; set; } = ActivityCancellationType.TryCancel;

    /// <summary>Null: the workflow's own token. <see cref="System.Threading.CancellationToken.None"/>: not cancelled with the workflow.</summary>
    public CancellationToken? CancellationToken { get; set; }

    /// <summary>Null: the workflow's task queue.</summary>
    public string? TaskQueue { get; set; }

    /// <summary>One line of Markdown that user interfaces show beside the activity. Never a secret: it is not encoded unless a codec is.</summary>
    public string? Summary { get; set; }

    /// <summary>Null: a number. Must be unique within the run.</summary>
    public string? ActivityId { get; set; }

    /// <summary>Kept for source compatibility: this SDK never asks for eager execution.</summary>
    public bool DisableEagerActivityExecution { get; set; }

    /// <summary>Null: the workflow's.</summary>
    public Priority? Priority { get; set; }

    /// <summary>Kept for source compatibility: build id versioning has given way to worker deployments.</summary>
    [Obsolete("Worker Build Id versioning is deprecated in favor of Worker Deployment versioning")]
    public VersioningIntent VersioningIntent { get; set; }

    public virtual object Clone() => MemberwiseClone();
}
