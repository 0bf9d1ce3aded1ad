using LogPipeline.Worker.Channels;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Destinations.Loki;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Web;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Configuration;
using LogPipeline.Workflows.Connecting;
using Temporalio.Client;

namespace LogPipeline.Worker.Hosting;

/// <summary>All that the worker can be told, each with its environment variable and default.</summary>
sealed record LogWorkerOptions
{
    /// <summary>
    /// LOG_DIRECTORY, with LOG_WORKER_NAME below it. Where the log files go; <c>logs</c> in the working directory.
    /// </summary>
    public string Directory { get; init; } = "logs";

    /// <summary>LOG_WORKER_NAME, LOG_LEDGER_CONNECTION, LOG_LEDGER_LEASE.</summary>
    public SharingOptions Sharing { get; init; } = new();

    /// <summary>TEMPORAL_ADDRESS, or temporal.toml. Temporal's frontend as host:port.</summary>
    public string Address { get; init; } = PipelineDefaults.TemporalAddress;

    /// <summary>TEMPORAL_NAMESPACE, or temporal.toml.</summary>
    public string Namespace { get; init; } = PipelineDefaults.TemporalNamespace;

    /// <summary>LOG_TASK_QUEUE. Publishers must name the same.</summary>
    public string TaskQueue { get; init; } = PipelineDefaults.TaskQueue;

    /// <summary>
    /// LOG_SHUTDOWN_TIMEOUT. How long batches that were taken may go on after SIGTERM; 20 s. The program itself ends
    /// within 30 s.
    /// </summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// LOG_CONCURRENT_BATCHES. Batches written at a time; 100. Together they bound the memory that waits for the disk.
    /// </summary>
    public int ConcurrentBatches { get; init; } = 100;

    /// <summary>
    /// LOG_ENCRYPTION_KEYS or LOG_ENCRYPTION_KEYS_FILE, and LOG_ENCRYPTION_KEY_ID. All decrypt; with none an encrypted
    /// batch waits.
    /// </summary>
    public KeyRing EncryptionKeys { get; init; } = KeyRing.Empty;

    /// <summary>
    /// LOG_ENCRYPTION_REQUIRED. A batch that is not encrypted is not written and waits in Temporal; off.
    /// </summary>
    public bool EncryptionRequired { get; init; }

    /// <summary>LOG_HTTP_*, LOG_CODEC_ORIGINS.</summary>
    public WebOptions Web { get; init; } = new();

    /// <summary>LOG_GZIP_BYTES_MIN. Payloads of this size and more are compressed; 0: none.</summary>
    public int GzipBytesMin { get; init; } = PipelineCodec.DefaultGzipBytesMin;

    /// <summary>
    /// LOG_DEAD_LETTER_DIRECTORY. Where records go that can never be written; <c>dead-letters</c> in the log directory.
    /// </summary>
    public string? DeadLetterDirectory { get; init; }

    /// <summary>LOG_DEAD_LETTER_BYTES_MAX. Most bytes there; 1 GiB. Beyond it, such batches wait in Temporal.</summary>
    public long DeadLetterBytesMax { get; init; } = 1L << 30;

    /// <summary>
    /// LOG_UNREADABLE_AFTER. How long a batch waits that this worker cannot read and another might (its key is missing,
    /// its version is newer) until it becomes a dead letter; a day, as a deployment brings keys and versions within
    /// hours. Zero: for ever. What nobody can read becomes one at once.
    /// </summary>
    public TimeSpan UnreadableAfter { get; init; } = TimeSpan.FromDays(1);

    /// <summary>End when nothing waits any more; <c>--once</c>.</summary>
    public bool Once { get; init; }

    /// <summary>LOG_LEVEL. What the worker tells of itself; Information.</summary>
    public LogLevel Level { get; init; } = LogLevel.Information;

    /// <summary>
    /// LOG_FILE_BYTES_MAX, LOG_OPEN_FILES_MAX, LOG_CHANNELS_MAX, LOG_ORDER_WAIT_MAX, LOG_RECEIPT_RETENTION,
    /// LOG_RECEIPTS_MAX, LOG_RETENTION_*, LOG_COMPRESS_AFTER, LOG_FREE_BYTES_MIN, LOG_FORMAT, LOG_TEXT_TEMPLATE,
    /// LOG_LEVEL_MIN, LOG_CHANNEL_*.
    /// </summary>
    public LogWriterOptions Files { get; init; } = new();

    /// <summary>LOG_LOKI_*. Where batches are pushed to once they are in their files; null: nowhere.</summary>
    public LokiOptions? Loki { get; init; }

    /// <summary>LOG_CANARY_INTERVAL. How often an event of the worker's own goes the whole way; zero: never.</summary>
    public TimeSpan CanaryInterval { get; init; }

    /// <summary>Who this worker is, in histories and receipts.</summary>
    public string Identity => Files.Worker;

    static readonly TimeSpan CanaryIntervalMin = TimeSpan.FromSeconds(1);

    /// <summary>For payloads that no client of Temporal's decodes.</summary>
    public PipelineCodec CreateCodec() => new(EncryptionKeys, GzipBytesMin, EncryptionRequired);

    /// <param name="onWritten">Is called with each new letter.</param>
    public DeadLetterBox OpenDeadLetters(Action<DeadLetter>? onWritten = null) =>
        new(() => DeadLetterDirectory is { } path ? new PhysicalDirectory(path) : new PhysicalDirectory(Directory)
            .Directory(DeadLetterBox.DirectoryName), DeadLetterBytesMax, onWritten: onWritten);

    /// <summary>Reads all variables, and Temporal's own settings with them.</summary>
    /// <param name="variables">Those that are set and not empty.</param>
    /// <exception cref="ConfigurationException">One or more are wrong.</exception>
    public static (LogWorkerOptions Options,
        TemporalClientConnectOptions Connection) Read(IReadOnlyDictionary<string, string> variables)
    {
        var environment = new EnvironmentReader(name => variables.GetValueOrDefault(name));
        var connection = TemporalSettings.Read(environment, variables);
        var options = ReadLog(environment);
        options = options with { Files = options.Files
            with { Channels = ChannelVariables.Read(environment, variables.Keys, options.Files.Retention) } };
        if (options.CanaryInterval > TimeSpan.Zero)
            options = options with { Files = options.Files with { Channels = options.Files.Channels.WithCanary() } };
        environment.ThrowIfWrong();
        connection!.Identity = options.Identity;
        connection.DataConverter =
            PipelineCodec.Converter(options.EncryptionKeys, options.GzipBytesMin, options.EncryptionRequired);
        return (options with { Address = connection.TargetHost!, Namespace = connection.Namespace }, connection);
    }

    /// <summary>Reads the LOG_* variables; what is wrong is in the reader's errors.</summary>
    static LogWorkerOptions ReadLog(EnvironmentReader environment)
    {
        var defaults = new LogWorkerOptions();
        var sharing = SharingOptions.Read(environment);
        var files = defaults.Files;
        var keys = CodecVariables.ReadKeys(environment, File.ReadAllText);
        var options = new LogWorkerOptions
        {
            Sharing = sharing,
            Directory = sharing.DirectoryIn(environment.ReadText("LOG_DIRECTORY", defaults.Directory)),
            TaskQueue = environment.ReadText("LOG_TASK_QUEUE", defaults.TaskQueue),
            ShutdownTimeout = environment.ReadDuration("LOG_SHUTDOWN_TIMEOUT", defaults.ShutdownTimeout, TimeSpan.Zero,
                TimeSpan.FromSeconds(25)),
            ConcurrentBatches = environment.ReadCount("LOG_CONCURRENT_BATCHES", defaults.ConcurrentBatches, 1, 10_000),
            EncryptionKeys = keys,
            EncryptionRequired = CodecVariables.ReadRequired(environment, keys),
            Web = WebOptions.Read(environment),
            GzipBytesMin = CodecVariables.ReadGzip(environment, defaults.GzipBytesMin),
            DeadLetterDirectory = environment.ReadText("LOG_DEAD_LETTER_DIRECTORY"),
            DeadLetterBytesMax =
                environment.ReadBytes("LOG_DEAD_LETTER_BYTES_MAX", defaults.DeadLetterBytesMax, 0, 1L << 50),
            UnreadableAfter = environment.ReadDuration("LOG_UNREADABLE_AFTER", defaults.UnreadableAfter, TimeSpan.Zero,
                TimeSpan.FromDays(365)),
            Loki = LokiOptions.Read(environment),
            Level = environment.ReadChoice("LOG_LEVEL", defaults.Level),
            CanaryInterval = environment.ReadDuration("LOG_CANARY_INTERVAL", TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromDays(1)),
            Files = files with
            {
                Worker = sharing.IdentityOf(files.Worker),
                FileBytesMax = environment.ReadBytes("LOG_FILE_BYTES_MAX", files.FileBytesMax, 1024, 1L << 40),
                OpenFilesMax = environment.ReadCount("LOG_OPEN_FILES_MAX", files.OpenFilesMax, 1, 10_000),
                ChannelsMax = environment.ReadCount("LOG_CHANNELS_MAX", files.ChannelsMax, 1, 100_000),
                OrderWaitMax = environment.ReadDuration("LOG_ORDER_WAIT_MAX", files.OrderWaitMax, TimeSpan.Zero,
                    TimeSpan.FromSeconds(15)),
                ReceiptRetention = environment.ReadDuration("LOG_RECEIPT_RETENTION", files.ReceiptRetention,
                    TimeSpan.FromDays(1), TimeSpan.FromDays(365)),
                FreeBytesMin = environment.ReadBytes("LOG_FREE_BYTES_MIN", files.FreeBytesMin, 0, 1L << 50),
                Retention = new RetentionOptions(
                    Optional(environment.ReadDuration("LOG_RETENTION_AGE", TimeSpan.Zero, TimeSpan.Zero,
                        TimeSpan.FromDays(36_500))),
                    Optional(environment.ReadCount("LOG_RETENTION_FILES", 0, 0, 1_000_000)),
                    Optional(environment.ReadBytes("LOG_RETENTION_BYTES", 0, 0, 1L << 50)),
                    environment.ReadDuration("LOG_RETENTION_AGE_MIN", files.Retention.AgeMin, TimeSpan.Zero,
                        TimeSpan.FromDays(365))),
                CompressAfter = Optional(environment.ReadDuration("LOG_COMPRESS_AFTER", TimeSpan.Zero, TimeSpan.Zero,
                    TimeSpan.FromDays(36_500))),
                ReceiptsMax = environment.ReadCount("LOG_RECEIPTS_MAX", files.ReceiptsMax, 1_000, 100_000_000),
            },
        };
        if (options.Files.Retention is { AgeMax: { } age } retention && age < retention.AgeMin)
            environment.Refuse("LOG_RETENTION_AGE", OptionText.Duration(age),
                $"use at least LOG_RETENTION_AGE_MIN, which is {OptionText.Duration(retention.AgeMin)}");
        if (options.Files.CompressAfter is { } compress && compress < options.Files.Retention.AgeMin)
            environment.Refuse("LOG_COMPRESS_AFTER", OptionText.Duration(compress),
                $"use 0, or at least LOG_RETENTION_AGE_MIN, which is "
                + $"{OptionText.Duration(options.Files.Retention.AgeMin)}: an agent has to ship a file before it is "
                + $"compressed");
        if (options.CanaryInterval > TimeSpan.Zero && options.CanaryInterval < CanaryIntervalMin)
            environment.Refuse("LOG_CANARY_INTERVAL", OptionText.Duration(options.CanaryInterval),
                $"use 0 for none, or at least {OptionText.Duration(CanaryIntervalMin)}: each is a workflow");
        if (options.Directory.Contains('\0')) environment.Refuse("LOG_DIRECTORY", options.Directory, "use a path");
        return options;
    }

    // Zero says that there is no bound.
    static T? Optional<T>(T value) where T : struct => value.Equals(default(T)) ? null : value;
}
