using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;

namespace Temporalio.Exceptions;

/// <summary>An activity failed for good; the cause is the inner exception.</summary>
public class ActivityFailureException : FailureException
{
    internal protected ActivityFailureException(Failure failure, Exception? inner) : base(failure, inner)
    {
        if (failure.ActivityFailureInfo == null) throw new ArgumentException("The failure is not an activity failure.", nameof(failure));
    }

    public new Failure Failure => base.Failure!;

    /// <summary>The worker that ran the last attempt; null when no attempt began.</summary>
    public string? Identity => Failure.ActivityFailureInfo.Identity is { Length: > 0 } identity ? identity : null;

    public string ActivityType => Failure.ActivityFailureInfo.ActivityType.Name;

    public string ActivityId => Failure.ActivityFailureInfo.ActivityId;

    /// <summary>Why there was no further attempt.</summary>
    public RetryState RetryState => Failure.ActivityFailureInfo.RetryState;
}

/// <summary>The result of a standalone activity was a failure; see the inner exception.</summary>
public class ActivityFailedException : TemporalException
{
    public ActivityFailedException(Exception? inner) : base("Activity failed", inner) { }
}

/// <summary>The server already runs an activity of that id.</summary>
public class ActivityAlreadyStartedException : FailureException
{
    public ActivityAlreadyStartedException(string message, string activityId, string activityType, string? runId) : base(message)
    {
        ActivityId = activityId;
        ActivityType = activityType;
        RunId = runId;
    }

    public string ActivityId { get; }

    public string ActivityType { get; }

    public string? RunId { get; }
}

/// <summary>An activity that is completed from outside its worker was cancelled.</summary>
public class AsyncActivityCanceledException : TemporalException
{
    public AsyncActivityCanceledException() : base("Activity cancelled") { }
}
