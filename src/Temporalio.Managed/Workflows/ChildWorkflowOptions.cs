using Temporalio.Api.Enums.V1;
using Temporalio.Common;

namespace Temporalio.Workflows;

/// <summary>How a child workflow is started and what becomes of it. Null keeps the parent's value, or the server's.</summary>
public class ChildWorkflowOptions : ICloneable
{
    /// <summary>Null: a UUID, the same on every replay.</summary>
    public string? Id { get; set; }

    public string? TaskQueue { get; set; }

    /// <summary>One line of Markdown that user interfaces show beside the workflow.</summary>
    public string? StaticSummary { get; set; }

    /// <summary>Several lines of Markdown that user interfaces show with the workflow.</summary>
    public string? StaticDetails { get; set; }

    public RetryPolicy? RetryPolicy { get; set; }

    public ChildWorkflowCancellationType CancellationType { get; set; } = ChildWorkflowCancellationType.WaitCancellationCompleted;

    /// <summary>Null: the workflow's own token.</summary>
    public CancellationToken? CancellationToken { get; set; }

    /// <summary>What becomes of the child when this workflow ends first.</summary>
    public ParentClosePolicy ParentClosePolicy { get; set; } = ParentClosePolicy.Terminate;

    /// <summary>For all of the child's runs together.</summary>
    public TimeSpan? ExecutionTimeout { get; set; }

    public TimeSpan? RunTimeout { get; set; }

    public TimeSpan? TaskTimeout { get; set; }

    public WorkflowIdReusePolicy IdReusePolicy { get; set; } = WorkflowIdReusePolicy.AllowDuplicate;

    public string? CronSchedule { get; set; }

    public IReadOnlyDictionary<string, object>? Memo { get; set; }

    public SearchAttributeCollection? TypedSearchAttributes { get; set; }

    public Priority? Priority { get; set; }

    /// <summary>Kept for source compatibility: build id versioning has given way to worker deployments.</summary>
    [Obsolete("Worker Build Id versioning is deprecated in favor of Worker Deployment versioning")]
    public VersioningIntent VersioningIntent { get; set; }

    public virtual object Clone() => MemberwiseClone();
}

/// <summary>What becomes of a child workflow when its parent ends first.</summary>
public enum ParentClosePolicy
{
    /// <summary>The server decides: it terminates the child.</summary>
    None = 0,
    Terminate = 1,
    Abandon = 2,
    RequestCancel = 3,
}

/// <summary>What a workflow does with a child whose cancellation token is cancelled.</summary>
public enum ChildWorkflowCancellationType
{
    /// <summary>Report it cancelled at once and ask nobody.</summary>
    Abandon,

    /// <summary>Ask the child to cancel and report it cancelled at once.</summary>
    TryCancel,

    /// <summary>Ask the child to cancel and wait until it has ended.</summary>
    WaitCancellationCompleted,

    /// <summary>Ask the child to cancel and wait until the request has reached it.</summary>
    WaitCancellationRequested,
}
