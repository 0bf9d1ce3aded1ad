namespace Temporalio.Activities;

/// <summary>Why an activity was cancelled.</summary>
public enum ActivityCancelReason
{
    /// <summary>It was not, or nobody said why.</summary>
    None,

    /// <summary>The server no longer waits for it: it timed out there, or its workflow is closed.</summary>
    GoneFromServer,

    /// <summary>Somebody asked for it.</summary>
    CancelRequested,

    /// <summary>A timeout ran out on this worker.</summary>
    Timeout,

    /// <summary>The worker is stopping and the time for that is over.</summary>
    WorkerShutdown,

    /// <summary>A heartbeat's details could not be recorded, mostly because they could not be converted.</summary>
    HeartbeatRecordFailure,

    /// <summary>An operator paused it.</summary>
    Paused,

    /// <summary>An operator reset it.</summary>
    Reset,
}

/// <summary>Everything that held at the moment of the cancellation; more than one may be true.</summary>
public class ActivityCancellationDetails
{
    public bool IsGoneFromServer { get; init; }

    public bool IsCancelRequested { get; init; }

    public bool IsTimedOut { get; init; }

    public bool IsWorkerShutdown { get; init; }

    public bool IsPaused { get; init; }

    public bool IsReset { get; init; }

    public bool IsHeartbeatRecordFailure { get; init; }
}
