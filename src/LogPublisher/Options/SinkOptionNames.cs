namespace LogPipeline.Publisher.Options;

/// <summary>
/// Every option of the sink that a text can set: its name in code, which is its place in JSON, and its variable.
/// </summary>
static class SinkOptionNames
{
    /// <summary>In the order of docs/configuration.md.</summary>
    public static IReadOnlyList<(string Name, string Variable)> All { get; } =
    [
        ("Address", "TEMPORAL_ADDRESS"),
        ("Namespace", "TEMPORAL_NAMESPACE"),
        ("TaskQueue", "LOG_TASK_QUEUE"),
        ("Source", "LOG_SOURCE"),
        ("Channel", "LOG_CHANNEL"),
        ("BufferSize", "LOG_BUFFER_SIZE"),
        ("FlushInterval", "LOG_FLUSH_INTERVAL"),
        ("FlushOnError", "LOG_FLUSH_ON_ERROR"),
        ("Durability", "LOG_DURABILITY"),
        ("SpoolDirectory", "LOG_SPOOL_DIRECTORY"),
        ("Limits.BatchRecordsMax", "LOG_BATCH_RECORDS_MAX"),
        ("Limits.BatchBytesMax", "LOG_BATCH_BYTES_MAX"),
        ("Limits.QueueCountMax", "LOG_QUEUE_COUNT_MAX"),
        ("Limits.QueueBytesMax", "LOG_QUEUE_BYTES_MAX"),
        ("Limits.SpoolBytesMax", "LOG_SPOOL_BYTES_MAX"),
        ("Limits.EventBytesMax", "LOG_EVENT_BYTES_MAX"),
        ("Limits.StringLengthMax", "LOG_STRING_LENGTH_MAX"),
        ("Limits.CollectionCountMax", "LOG_COLLECTION_COUNT_MAX"),
        ("Limits.DepthMax", "LOG_DEPTH_MAX"),
        ("Timeouts.BackPressure", "LOG_BACK_PRESSURE"),
        ("Timeouts.Start", "LOG_START_TIMEOUT"),
        ("Timeouts.Close", "LOG_CLOSE_TIMEOUT"),
        ("Timeouts.Audit", "LOG_AUDIT_TIMEOUT"),
        ("Timeouts.Report", "LOG_REPORT_INTERVAL"),
        ("Breaker.After", "LOG_BREAK_AFTER"),
        ("Breaker.IntervalMax", "LOG_BREAK_MAX"),
        ("Breaker.DeniedDelay", "LOG_DENIED_DELAY"),
        ("Sampling.Verbose", "LOG_SAMPLE_VERBOSE"),
        ("Sampling.Debug", "LOG_SAMPLE_DEBUG"),
        ("Sampling.Information", "LOG_SAMPLE_INFORMATION"),
        ("Sampling.RepeatWindow", "LOG_REPEAT_WINDOW"),
        ("Sampling.ShedPercent", "LOG_SHED_PERCENT"),
        ("Fallback.Mode", "LOG_FALLBACK"),
        ("Fallback.Directory", "LOG_FALLBACK_DIRECTORY"),
        ("Fallback.FileBytesMax", "LOG_FALLBACK_FILE_BYTES_MAX"),
        ("Redaction.Scope", "LOG_REDACTION"),
        ("Redaction.Names", "LOG_REDACTED_NAMES"),
        ("Redaction.Pattern", "LOG_REDACTED_PATTERN"),
        ("Codec.EncryptionKeys", "LOG_ENCRYPTION_KEYS"),
        ("Codec.EncryptionKeysFile", "LOG_ENCRYPTION_KEYS_FILE"),
        ("Codec.EncryptionKeyId", "LOG_ENCRYPTION_KEY_ID"),
        ("Codec.GzipBytesMin", "LOG_GZIP_BYTES_MIN"),
    ];

    static readonly Dictionary<string, string> ByVariable =
        All.ToDictionary(option => option.Variable, option => option.Name);

    /// <summary>The name in code of the option that a variable sets; of anything else, what was given.</summary>
    public static string Of(string variable) => ByVariable.GetValueOrDefault(variable, variable);
}
