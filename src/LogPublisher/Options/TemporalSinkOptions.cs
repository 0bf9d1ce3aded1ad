using LogPipeline.Publisher.Spool;
using LogPipeline.Workflows.Codecs;

namespace LogPipeline.Publisher;

/// <summary>
/// Options of <see cref="TemporalSink"/>. The environment variable named with each wins over the value given in code, unless
/// the environment is ignored; an empty variable counts as unset.
/// Connection settings beyond address and namespace (TLS, API key, headers) come from Temporal's own <c>TEMPORAL_*</c>
/// variables and <c>temporal.toml</c>.
/// </summary>
public sealed record TemporalSinkOptions
{
    /// <summary>TEMPORAL_ADDRESS. Temporal's frontend as host:port; null: what <c>temporal.toml</c> says, else localhost:7233.</summary>
    public string? Address { get; set; }

    /// <summary>TEMPORAL_NAMESPACE. Null: what <c>temporal.toml</c> says, else <c>default</c>.</summary>
    public string? Namespace { get; set; }

    /// <summary>LOG_TASK_QUEUE. Where workers look for batches; they must name the same.</summary>
    public string TaskQueue { get; set; } = PipelineDefaults.TaskQueue;

    /// <summary>LOG_SOURCE. The application's name in every record; null: the entry assembly's name.</summary>
    public string? Source { get; set; }

    /// <summary>LOG_CHANNEL. The channel of events without a property <c>channel</c> (or <c>Channel</c>).</summary>
    public string Channel { get; set; } = PipelineDefaults.Channel;

    /// <summary>LOG_BUFFER_SIZE. Waiting records that are sent at once.</summary>
    public int BufferSize { get; set; } = 10;

    /// <summary>LOG_FLUSH_INTERVAL. Longest time a record waits for others.</summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>LOG_FLUSH_ON_ERROR. Events of level Error and Fatal are sent at once, with what waits before them.</summary>
    public bool FlushOnError { get; set; } = true;

    /// <summary>LOG_QUEUE_COUNT_MAX. Most records in memory.</summary>
    public int QueueCountMax { get; set; } = 100_000;

    /// <summary>LOG_QUEUE_BYTES_MAX. Most bytes of records in memory.</summary>
    public long QueueBytesMax { get; set; } = 64 * 1024 * 1024;

    /// <summary>LOG_BACK_PRESSURE. Longest time that logging an event waits, and only while the queue is full; then the event is dropped and counted.</summary>
    public TimeSpan BackPressure { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>LOG_BATCH_RECORDS_MAX. Most records in one batch.</summary>
    public int BatchRecordsMax { get; set; } = 10_000;

    /// <summary>LOG_BATCH_BYTES_MAX. Largest batch in bytes. Temporal refuses payloads over 2 MiB.</summary>
    public long BatchBytesMax { get; set; } = 1024 * 1024;

    /// <summary>
    /// LOG_ENCRYPTION_KEYS, or LOG_ENCRYPTION_KEYS_FILE; LOG_ENCRYPTION_KEY_ID names the one that encrypts. The keys that
    /// everything is encrypted with before it goes to Temporal; workers need them too. Null: nothing is encrypted.
    /// </summary>
    public KeyRing? EncryptionKeys { get; set; }

    /// <summary>LOG_GZIP_BYTES_MIN. Payloads of this size and more are compressed; 0: none.</summary>
    public long GzipBytesMin { get; set; } = PipelineCodec.DefaultGzipBytesMin;

    /// <summary>LOG_START_TIMEOUT. Longest wait for Temporal's answer to one batch.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>LOG_BREAK_AFTER. Starts in a row that fail to reach Temporal before nothing but trials is sent; at least 2.</summary>
    public int BreakAfter { get; set; } = 2;

    /// <summary>
    /// LOG_BREAK_MAX. Longest time from the beginning of one trial to the next while Temporal is not reached; it begins with 1 s
    /// and doubles. A trial that is never answered takes <see cref="StartTimeout"/>, and the next one follows it soon.
    /// </summary>
    public TimeSpan BreakMax { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>LOG_DENIED_DELAY. Time between two attempts while Temporal denies access, which only people can change. Each reads credentials anew.</summary>
    public TimeSpan DeniedDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// LOG_SHED_PERCENT. Taken room in the spool (in the queue, while the disk takes nothing) from which on Verbose and Debug are
    /// dropped; Information follows when half of the rest is taken, Warning at three quarters: 80, 90, 95 %. Error and Fatal are not
    /// shed. 100: nothing is.
    /// </summary>
    public int ShedPercent { get; set; } = 80;

    /// <summary>LOG_SAMPLE_VERBOSE. One in so many Verbose events is kept; 1: all. An event of a trace is kept or not with its whole trace.</summary>
    public int SampleVerbose { get; set; } = 1;

    /// <summary>LOG_SAMPLE_DEBUG. As <see cref="SampleVerbose"/>, of Debug.</summary>
    public int SampleDebug { get; set; } = 1;

    /// <summary>LOG_SAMPLE_INFORMATION. As <see cref="SampleVerbose"/>, of Information.</summary>
    public int SampleInformation { get; set; } = 1;

    /// <summary>
    /// LOG_REPEAT_WINDOW. For so long after an event, others that say the same (template, level, message, exception, channel) are kept
    /// back; then one event tells how many there were. Zero: every event is sent.
    /// </summary>
    public TimeSpan RepeatWindow { get; set; } = TimeSpan.Zero;

    /// <summary>LOG_FALLBACK. Where records go while Temporal is not reached.</summary>
    public TemporalFallback Fallback { get; set; } = TemporalFallback.Spool;

    /// <summary>
    /// LOG_SPOOL_DIRECTORY. Where batches wait on disk. Processes may share it, and each adopts what one that is gone has
    /// left, so share it only among applications of one Temporal namespace. Null: <c>logpipeline/spool</c> in the user's
    /// local application data.
    /// </summary>
    public string? SpoolDirectory { get; set; }

    /// <summary>
    /// LOG_DURABILITY. What an event survives once the call that logged it has returned. With
    /// <see cref="TemporalFallback.WriteFile"/> there is no spool, and it is <see cref="Durability.Memory"/> whatever is set.
    /// </summary>
    public Durability Durability { get; set; } = Durability.ProcessSafe;

    /// <summary>
    /// LOG_SPOOL_BYTES_MAX. Most bytes of its own records this process keeps in the spool. A full spool holds logging up for the
    /// back-pressure time; then the newest events are dropped and counted, and once there is room again an event tells how many.
    /// Files are made ahead and removed as a whole, so that up to 16 MiB more are in use.
    /// </summary>
    public long SpoolBytesMax { get; set; } = 1024L * 1024 * 1024;

    /// <summary>LOG_FALLBACK_DIRECTORY. Where <see cref="TemporalFallback.WriteFile"/> writes.</summary>
    public string FallbackDirectory { get; set; } = "logs";

    /// <summary>LOG_FALLBACK_FILE_BYTES_MAX. Size at which the fallback begins a new file; it keeps 31.</summary>
    public long FallbackFileBytesMax { get; set; } = 100 * 1024 * 1024;

    /// <summary>LOG_CLOSE_TIMEOUT. Longest time that closing the sink waits for Temporal; the rest goes to the spool.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>LOG_AUDIT_TIMEOUT. Longest time that logging an event waits with <c>AuditTo.Temporal</c>; then it throws.</summary>
    public TimeSpan AuditTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>LOG_EVENT_BYTES_MAX. Largest record in bytes; Loki refuses lines over 256 KiB. A larger event is cut and says so in the field <c>truncated</c>.</summary>
    public int EventBytesMax { get; set; } = 200_000;

    /// <summary>LOG_STRING_LENGTH_MAX. Longest text of one property, in characters.</summary>
    public int StringLengthMax { get; set; } = 32_768;

    /// <summary>LOG_COLLECTION_COUNT_MAX. Most elements of one collection in a property.</summary>
    public int CollectionCountMax { get; set; } = 1_000;

    /// <summary>LOG_DEPTH_MAX. Deepest nesting of a property's value.</summary>
    public int DepthMax { get; set; } = 10;

    /// <summary>LOG_REDACTION. Which secrets are replaced before a record is put on disk or sent.</summary>
    public RedactionScope Redaction { get; set; } = RedactionScope.All;

    /// <summary>
    /// LOG_REDACTED_NAMES. Further property names whose values are secret, with commas between: <c>Iban, employee number</c>.
    /// As with the built-in ones, words and not letters are compared, so these are also found in <c>CustomerIban</c> and <c>employee_number</c>.
    /// </summary>
    public string? RedactedNames { get; set; }

    /// <summary>
    /// LOG_REDACTED_PATTERN. A regular expression; what it matches in any text is replaced. It runs in time proportional to
    /// the text, so it takes no look-around and no back-references.
    /// </summary>
    public string? RedactedPattern { get; set; }

    /// <summary>
    /// Given a property's name and text (<c>@m</c>, <c>@mt</c>, <c>@x</c> for message, template, exception), returns the text
    /// to keep; null: it becomes <c>[redacted]</c>. When it throws, the text becomes <c>[redaction failed]</c>. Called on the
    /// threads that log, by several at once; null: no hook.
    /// </summary>
    public Func<string, string, string?>? Redact { get; set; }
}

/// <summary>What becomes of records while Temporal is not reached.</summary>
public enum TemporalFallback
{
    /// <summary>They wait on disk and are sent when Temporal is back, oldest first.</summary>
    Spool,

    /// <summary>They are written as final CLEF files on this host, for an agent there to ship, and never sent.</summary>
    WriteFile,
}
