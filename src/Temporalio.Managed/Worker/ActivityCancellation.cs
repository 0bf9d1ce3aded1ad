using Temporalio.Activities;

namespace Temporalio.Worker;

/// <summary>The cancellation of one attempt: a token with the reason. The first request counts, the others are ignored.</summary>
sealed class ActivityCancellation
{
    readonly CancellationTokenSource _source = new();
    readonly Lock _gate = new();
    bool _decided;

    public CancellationToken Token => _source.Token;

    /// <summary>Shared with the activity's context.</summary>
    public ActivityCancelRef Ref { get; } = new();

    public ActivityCancelReason Reason => Ref.CancelReason;

    /// <summary>Why a heartbeat could not be recorded, when that was the reason.</summary>
    public Exception? HeartbeatFailure { get; private set; }

    /// <summary>Whether the activity was asked to stop, and not only marked as done or failed in a heartbeat.</summary>
    public bool WasRequested => Reason is not (ActivityCancelReason.None or ActivityCancelReason.HeartbeatRecordFailure);

    public bool Request(ActivityCancelReason reason, ActivityCancellationDetails details) => Decide(reason, details, null);

    public bool Request(ActivityCancelReason reason) => Request(reason, new()
    {
        IsGoneFromServer = reason is ActivityCancelReason.GoneFromServer or ActivityCancelReason.Timeout,
        IsCancelRequested = reason == ActivityCancelReason.CancelRequested,
        IsTimedOut = reason == ActivityCancelReason.Timeout,
        IsWorkerShutdown = reason == ActivityCancelReason.WorkerShutdown,
        IsPaused = reason == ActivityCancelReason.Paused,
        IsReset = reason == ActivityCancelReason.Reset,
    });

    public bool FailHeartbeat(Exception error) =>
        Decide(ActivityCancelReason.HeartbeatRecordFailure, new() { IsHeartbeatRecordFailure = true }, error);

    /// <summary>The attempt is over: whoever still uses the token should stop. There is no reason then.</summary>
    public void MarkDone() => Decide(ActivityCancelReason.None, null, null);

    bool Decide(ActivityCancelReason reason, ActivityCancellationDetails? details, Exception? heartbeatFailure)
    {
        lock (_gate)
        {
            if (_decided) return false;
            _decided = true;
            Ref.CancelReason = reason;
            Ref.CancellationDetails = details;
            HeartbeatFailure = heartbeatFailure;
        }
        // What the activity registered with the token runs on the thread pool: neither its time nor its errors are ours.
        _ = _source.CancelAsync();
        return true;
    }
}
