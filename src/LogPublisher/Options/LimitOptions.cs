namespace LogPipeline.Publisher;

/// <summary>Bounds of batches, queue, spool and single events.</summary>
public sealed record LimitOptions
{
    /// <summary>LOG_BATCH_RECORDS_MAX. Most records in one batch.</summary>
    public int BatchRecordsMax { get; set; } = 10_000;

    /// <summary>LOG_BATCH_BYTES_MAX. Largest batch in bytes. Temporal refuses payloads over 2 MiB.</summary>
    public long BatchBytesMax { get; set; } = 1024 * 1024;

    /// <summary>LOG_QUEUE_COUNT_MAX. Most records in memory.</summary>
    public int QueueCountMax { get; set; } = 100_000;

    /// <summary>LOG_QUEUE_BYTES_MAX. Most bytes of records in memory.</summary>
    public long QueueBytesMax { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// LOG_SPOOL_BYTES_MAX. Most bytes of its own records this process keeps in the spool. A full spool holds logging
    /// up for the back-pressure time; then the newest events are dropped and counted, and once there is room again an
    /// event tells how many. Files are made ahead and removed as a whole, so that up to 16 MiB more are in use.
    /// </summary>
    public long SpoolBytesMax { get; set; } = 1024L * 1024 * 1024;

    /// <summary>
    /// LOG_EVENT_BYTES_MAX. Largest record in bytes; Loki refuses lines over 256 KiB. A larger event is cut and says
    /// so in the field <c>truncated</c>.
    /// </summary>
    public int EventBytesMax { get; set; } = 200_000;

    /// <summary>LOG_STRING_LENGTH_MAX. Longest text of one property, in characters.</summary>
    public int StringLengthMax { get; set; } = 32_768;

    /// <summary>LOG_COLLECTION_COUNT_MAX. Most elements of one collection in a property.</summary>
    public int CollectionCountMax { get; set; } = 1_000;

    /// <summary>LOG_DEPTH_MAX. Deepest nesting of a property's value.</summary>
    public int DepthMax { get; set; } = 10;
}
