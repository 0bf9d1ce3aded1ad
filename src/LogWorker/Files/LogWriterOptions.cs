using LogPipeline.Worker.Channels;

namespace LogPipeline.Worker.Files;

/// <summary>Bounds of a <see cref="LogWriter"/>.</summary>
sealed record LogWriterOptions
{
    /// <summary>A file that holds something is not taken beyond this; 256 MiB.</summary>
    public long FileBytesMax { get; init; } = 256L << 20;

    /// <summary>Log files open at a time; 64. The least recently used one is closed.</summary>
    public int OpenFilesMax { get; init; } = 64;

    /// <summary>
    /// Channels with a directory of their own; 1,000. Records of further ones go to the directory "overflow".
    /// </summary>
    public int ChannelsMax { get; init; } = 1_000;

    /// <summary>Largest batch accepted, in bytes of its lines; 8 MiB.</summary>
    public int BatchBytesMax { get; init; } = 8 << 20;

    /// <summary>
    /// Most channels of one batch; 10,000. Each has a range of a file, and an entry in intent and receipt.
    /// </summary>
    public int BatchPartsMax { get; init; } = 10_000;

    /// <summary>Batches that wait for the writer; 1,000. Further callers wait to be let in.</summary>
    public int WaitingMax { get; init; } = 1_000;

    /// <summary>
    /// Longest time a batch waits in the worker for the one before it; 3 s. Then it goes back to its workflow, which
    /// tries it again a little later and gives up order after
    /// <see cref="LogPipeline.Workflows.PipelineDefaults.OrderPatience"/>.
    /// </summary>
    public TimeSpan OrderWaitMax { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Most batches that wait here for others; 50. Fewer than the worker takes at a time, so that those others can come
    /// in.
    /// </summary>
    public int OrderWaitingMax { get; init; } = 50;

    /// <summary>Batches and bytes that share one sync at most; 256 and 16 MiB (at least one batch goes).</summary>
    public int GroupBatchesMax { get; init; } = 256;
    public int GroupBytesMax { get; init; } = 16 << 20;

    /// <summary>Size from which a new intents file is begun and the old one removed; 64 MiB.</summary>
    public long IntentBytesMax { get; init; } = 64L << 20;

    /// <summary>
    /// How long a batch is recognised as written; 7 days. At least the retention of the Temporal namespace, after which
    /// a batch's id could be taken again.
    /// </summary>
    public TimeSpan ReceiptRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Most batches that are recognised as written; 1,000,000 (about 50 MB of memory). The oldest are forgotten first,
    /// an eighth at a time.
    /// </summary>
    public int ReceiptsMax { get; init; } = 1_000_000;

    /// <summary>When log files are removed; never, unless told.</summary>
    public RetentionOptions Retention { get; init; } = new(AgeMin: TimeSpan.FromHours(1));

    /// <summary>
    /// A closed log file whose last line is older is compressed, to a name that shippers do not read; null: none is.
    /// </summary>
    public TimeSpan? CompressAfter { get; init; }

    /// <summary>What becomes of each channel's records; they become lines as they are.</summary>
    public ChannelRules Channels { get; init; } = ChannelRules.Plain;

    /// <summary>
    /// Bytes that the log directory's disk keeps free; 64 MiB. Nothing is begun that would take them.
    /// </summary>
    public long FreeBytesMin { get; init; } = 64L << 20;

    /// <summary>How receipts name this worker.</summary>
    public string Worker { get; init; } = $"{Environment.ProcessId}@{Environment.MachineName}";
}
