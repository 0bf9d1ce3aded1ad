namespace LogPipeline.Worker.Configuration;

/// <summary>An option of the worker.</summary>
/// <param name="Name">Its name in <c>logworker.json</c>, with its group: <c>files.openFilesMax</c>.</param>
/// <param name="Variable">The environment variable that says the same.</param>
/// <param name="Default">What holds when neither is given, as it would be written; null: nothing.</param>
/// <param name="IsSecret">Never shown.</param>
sealed record WorkerOption(string Name, string Variable, string? Default, bool IsSecret = false)
{
    /// <summary>Every option but those of single channels, in the order of docs/configuration.md.</summary>
    public static IReadOnlyList<WorkerOption> All { get; } =
    [
        new("directory", "LOG_DIRECTORY", "logs"),
        new("temporal.address", "TEMPORAL_ADDRESS", PipelineDefaults.TemporalAddress),
        new("temporal.namespace", "TEMPORAL_NAMESPACE", PipelineDefaults.TemporalNamespace),
        new("temporal.taskQueue", "LOG_TASK_QUEUE", PipelineDefaults.TaskQueue),
        new("level", "LOG_LEVEL", "Information"),
        new("shutdownTimeout", "LOG_SHUTDOWN_TIMEOUT", "20s"),
        new("concurrentBatches", "LOG_CONCURRENT_BATCHES", "100"),
        new("orderWaitMax", "LOG_ORDER_WAIT_MAX", "3s"),
        new("canaryInterval", "LOG_CANARY_INTERVAL", "0"),

        new("files.format", "LOG_FORMAT", "clef"),
        new("files.textTemplate", "LOG_TEXT_TEMPLATE",
            "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} [{Level:u3}] {Message:lj}{NewLine}{Exception}"),
        new("files.levelMin", "LOG_LEVEL_MIN", "trace"),
        new("files.fileBytesMax", "LOG_FILE_BYTES_MAX", "256MiB"),
        new("files.openFilesMax", "LOG_OPEN_FILES_MAX", "64"),
        new("files.channelsMax", "LOG_CHANNELS_MAX", "1000"),
        new("files.freeBytesMin", "LOG_FREE_BYTES_MIN", "64MiB"),
        new("files.receiptRetention", "LOG_RECEIPT_RETENTION", "7d"),
        new("files.receiptsMax", "LOG_RECEIPTS_MAX", "1000000"),

        new("retention.age", "LOG_RETENTION_AGE", "0"),
        new("retention.files", "LOG_RETENTION_FILES", "0"),
        new("retention.bytes", "LOG_RETENTION_BYTES", "0"),
        new("retention.ageMin", "LOG_RETENTION_AGE_MIN", "1h"),
        new("retention.compressAfter", "LOG_COMPRESS_AFTER", "0"),

        new("sharing.workerName", "LOG_WORKER_NAME", null),
        // Holds a password.
        new("sharing.ledgerConnection", "LOG_LEDGER_CONNECTION", null, IsSecret: true),
        new("sharing.ledgerLease", "LOG_LEDGER_LEASE", "1m"),

        new("deadLetters.directory", "LOG_DEAD_LETTER_DIRECTORY", "dead-letters in LOG_DIRECTORY"),
        new("deadLetters.bytesMax", "LOG_DEAD_LETTER_BYTES_MAX", "1GiB"),
        new("deadLetters.unreadableAfter", "LOG_UNREADABLE_AFTER", "1d"),

        new("loki.url", "LOG_LOKI_URL", null),
        new("loki.tenant", "LOG_LOKI_TENANT", null),
        new("loki.username", "LOG_LOKI_USERNAME", null),
        new("loki.password", "LOG_LOKI_PASSWORD", null, IsSecret: true),
        new("loki.token", "LOG_LOKI_TOKEN", null, IsSecret: true),
        new("loki.labels", "LOG_LOKI_LABELS", "channel,level,service_name,source"),
        new("loki.timeout", "LOG_LOKI_TIMEOUT", "10s"),
        new("loki.lineBytesMax", "LOG_LOKI_LINE_BYTES_MAX", "256KiB"),
        new("loki.concurrency", "LOG_LOKI_CONCURRENCY", "8"),
        new("loki.giveUpAfter", "LOG_LOKI_GIVE_UP_AFTER", "7d"),

        new("http.port", "LOG_HTTP_PORT", "8234, else any that is free"),
        new("http.ip", "LOG_HTTP_IP", "127.0.0.1"),
        new("http.token", "LOG_HTTP_TOKEN", null, IsSecret: true),
        new("http.certificateFile", "LOG_HTTP_CERTIFICATE_FILE", null),
        new("http.keyFile", "LOG_HTTP_KEY_FILE", null),
        new("http.temporalUiUrl", "LOG_TEMPORAL_UI_URL", null),
        new("http.readOnly", "LOG_HTTP_READ_ONLY", "false"),

        new("codec.encryptionKeys", "LOG_ENCRYPTION_KEYS", null, IsSecret: true),
        new("codec.encryptionKeysFile", "LOG_ENCRYPTION_KEYS_FILE", null),
        new("codec.encryptionKeyId", "LOG_ENCRYPTION_KEY_ID", "the first"),
        new("codec.encryptionRequired", "LOG_ENCRYPTION_REQUIRED", "false"),
        new("codec.gzipBytesMin", "LOG_GZIP_BYTES_MIN", "4KiB"),
        new("codec.origins", "LOG_CODEC_ORIGINS",
            "http://localhost:8080,http://localhost:8233,http://127.0.0.1:8080,http://127.0.0.1:8233"),
    ];
}
