namespace LogPipeline.Publisher;

/// <summary>
/// Options of <see cref="TemporalSink"/>: what most applications set, and in groups what few do. The environment
/// variable named with each wins over the value given in code, unless the environment is ignored; an empty variable
/// counts as unset. Connection settings beyond address and namespace (TLS, API key, headers) come from Temporal's own
/// <c>TEMPORAL_*</c> variables and <c>temporal.toml</c>.
/// </summary>
public sealed record TemporalSinkOptions
{
    /// <summary>
    /// TEMPORAL_ADDRESS. Temporal's frontend as host:port; null: what <c>temporal.toml</c> says, else localhost:7233.
    /// </summary>
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

    /// <summary>
    /// LOG_FLUSH_ON_ERROR. Events of level Error and Fatal are sent at once, with what waits before them.
    /// </summary>
    public bool FlushOnError { get; set; } = true;

    /// <summary>
    /// LOG_DURABILITY. What an event survives once the call that logged it has returned. With
    /// <see cref="TemporalFallback.WriteFile"/> there is no spool, and it is <see cref="Durability.Memory"/> whatever
    /// is set.
    /// </summary>
    public Durability Durability { get; set; } = Durability.ProcessSafe;

    /// <summary>
    /// LOG_SPOOL_DIRECTORY. Where batches wait on disk. Processes may share it, and each adopts what one that is gone
    /// has left, so share it only among applications of one Temporal namespace. Null: <c>logpipeline/spool</c> in the
    /// user's local application data.
    /// </summary>
    public string? SpoolDirectory { get; set; }

    /// <summary>Bounds of batches, queue, spool and single events.</summary>
    public LimitOptions Limits { get; set; } = new();

    /// <summary>Longest waits.</summary>
    public TimeoutOptions Timeouts { get; set; } = new();

    /// <summary>How often an unreachable Temporal is tried.</summary>
    public BreakerOptions Breaker { get; set; } = new();

    /// <summary>Which events are not sent.</summary>
    public SamplingOptions Sampling { get; set; } = new();

    /// <summary>Where records go while Temporal is not reached.</summary>
    public FallbackOptions Fallback { get; set; } = new();

    /// <summary>Which secrets are replaced.</summary>
    public RedactionOptions Redaction { get; set; } = new();

    /// <summary>Encryption and compression on the way through Temporal.</summary>
    public CodecOptions Codec { get; set; } = new();
}
