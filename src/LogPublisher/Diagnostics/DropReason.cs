namespace LogPipeline.Publisher;

/// <summary>Why an event is lost.</summary>
public enum DropReason
{
    /// <summary>The queue was full and stayed so for the back-pressure time.</summary>
    QueueFull,

    /// <summary>The spool had reached its bound and stayed there for the back-pressure time.</summary>
    SpoolFull,

    /// <summary>The spool, or the fallback's files, could not be written.</summary>
    DiskFailed,

    /// <summary>The event was in the spool and its bytes there were damaged.</summary>
    Damaged,

    /// <summary>
    /// Room was running out and is kept for higher levels (<see cref="SamplingOptions.ShedPercent"/>).
    /// </summary>
    Shed,

    /// <summary>The event was logged after the sink was closed.</summary>
    Closed,

    /// <summary>
    /// The event was logged by the sink's own work, or while another event was being captured on the same thread.
    /// </summary>
    Reentrant,

    /// <summary>Temporal will never take the batch, and it could not be set aside on disk.</summary>
    Refused,

    /// <summary>Not even a placeholder could be made of the event.</summary>
    Unrenderable,
}
