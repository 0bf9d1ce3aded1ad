using System.Reflection;
using LogPipeline.Publisher.Spool;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Publisher.Options;

/// <summary>
/// Settles the options once: the environment over code, defaults filled in, bounds checked, every error told at once.
/// </summary>
sealed class SinkOptionsReader
{
    /// <summary>Below this a record's fixed fields might not fit.</summary>
    const int EventBytesMin = 16 * 1024;

    readonly EnvironmentReader _environment;

    SinkOptionsReader(EnvironmentReader environment) => _environment = environment;

    /// <param name="audits">The sink is one for audits, which sync every event in the spool.</param>
    /// <exception cref="ConfigurationException">Something was wrong; it holds all errors.</exception>
    public static TemporalSinkOptions Settle(TemporalSinkOptions options, Func<string, string?>? get,
        bool audits = false)
    {
        var reader = new SinkOptionsReader(new EnvironmentReader(get));
        var settled = reader.Read(options);
        if (audits && settled.Fallback.Mode != TemporalFallback.Spool)
            reader._environment.Refuse("Fallback.Mode", $"{settled.Fallback.Mode}",
                "use Spool with AuditTo.Temporal: only the spool is synced");
        if (audits) settled.Durability = Durability.PowerSafe;
        reader._environment.ThrowIfWrong();
        return settled;
    }

    /// <summary>Reads options from texts that stand under their names; what is wrong is in the errors.</summary>
    public static TemporalSinkOptions FromTexts(OptionTexts texts, EnvironmentReader errors)
    {
        var reader = new SinkOptionsReader(new EnvironmentReader(texts.Get, texts.Shown));
        var read = reader.Read(new TemporalSinkOptions());
        foreach (var sentence in texts.Wrong.Concat(reader._environment.Errors)) errors.Refuse(sentence);
        return read;
    }

    TemporalSinkOptions Read(TemporalSinkOptions o)
    {
        var settled = o with
        {
            Address = Address("TEMPORAL_ADDRESS", o.Address),
            Namespace = _environment.ReadText("TEMPORAL_NAMESPACE") ?? NullIfEmpty(o.Namespace),
            TaskQueue = _environment.ReadText("LOG_TASK_QUEUE") ?? NullIfEmpty(o.TaskQueue)
                ?? PipelineDefaults.TaskQueue,
            Source = Name("LOG_SOURCE", NullIfEmpty(o.Source)) ?? SourceByDefault(),
            Channel = Channel("LOG_CHANNEL", o.Channel),
            BufferSize = Count("LOG_BUFFER_SIZE", o.BufferSize, 1, 1_000_000),
            FlushInterval = Duration("LOG_FLUSH_INTERVAL", o.FlushInterval,
                TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
            FlushOnError = _environment.ReadSwitch("LOG_FLUSH_ON_ERROR", o.FlushOnError),
            Durability = Choice("LOG_DURABILITY", o.Durability),
            SpoolDirectory = _environment.ReadText("LOG_SPOOL_DIRECTORY") ?? NullIfEmpty(o.SpoolDirectory)
                ?? SpoolByDefault(),
            Limits = Read(o.Limits),
            Timeouts = Read(o.Timeouts),
            Breaker = Read(o.Breaker),
            Sampling = Read(o.Sampling),
            Fallback = Read(o.Fallback),
            Redaction = Read(o.Redaction),
            Codec = Read(o.Codec),
        };
        var limits = settled.Limits;
        if (limits.EventBytesMax >= limits.BatchBytesMax)
            _environment.Refuse("Limits.EventBytesMax", limits.EventBytesMax.ToString(CultureInfo.InvariantCulture),
                $"use less than Limits.BatchBytesMax, which is {limits.BatchBytesMax}: every event must fit "
                + $"in a batch");
        return settled;
    }

    LimitOptions Read(LimitOptions o) => new()
    {
        BatchRecordsMax = Count("LOG_BATCH_RECORDS_MAX", o.BatchRecordsMax, 1, PipelineDefaults.BatchRecordsLimit),
        BatchBytesMax = Bytes("LOG_BATCH_BYTES_MAX", o.BatchBytesMax, EventBytesMin, PipelineDefaults.BatchBytesLimit),
        QueueCountMax = Count("LOG_QUEUE_COUNT_MAX", o.QueueCountMax, 2, 10_000_000),
        QueueBytesMax = Bytes("LOG_QUEUE_BYTES_MAX", o.QueueBytesMax, 64 * 1024, 16L << 30),
        SpoolBytesMax = Bytes("LOG_SPOOL_BYTES_MAX", o.SpoolBytesMax, 64 * 1024, 1L << 50),
        EventBytesMax = (int)Bytes("LOG_EVENT_BYTES_MAX", o.EventBytesMax, EventBytesMin,
            PipelineDefaults.BatchBytesLimit - 1024),
        StringLengthMax = Count("LOG_STRING_LENGTH_MAX", o.StringLengthMax, 1, 10_000_000),
        CollectionCountMax = Count("LOG_COLLECTION_COUNT_MAX", o.CollectionCountMax, 1, 1_000_000),
        DepthMax = Count("LOG_DEPTH_MAX", o.DepthMax, 1, 64),
    };

    TimeoutOptions Read(TimeoutOptions o) => new()
    {
        BackPressure = Duration("LOG_BACK_PRESSURE", o.BackPressure, TimeSpan.Zero, TimeSpan.FromMinutes(1)),
        Start = Duration("LOG_START_TIMEOUT", o.Start, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)),
        Close = Duration("LOG_CLOSE_TIMEOUT", o.Close, TimeSpan.Zero, TimeSpan.FromHours(1)),
        Audit = Duration("LOG_AUDIT_TIMEOUT", o.Audit, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
        Report = Duration("LOG_REPORT_INTERVAL", o.Report, TimeSpan.Zero, TimeSpan.FromHours(1)),
    };

    BreakerOptions Read(BreakerOptions o) => new()
    {
        After = Count("LOG_BREAK_AFTER", o.After, 2, 1_000),
        IntervalMax = Duration("LOG_BREAK_MAX", o.IntervalMax, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
        DeniedDelay = Duration("LOG_DENIED_DELAY", o.DeniedDelay, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
    };

    SamplingOptions Read(SamplingOptions o) => new()
    {
        Verbose = Count("LOG_SAMPLE_VERBOSE", o.Verbose, 1, 1_000_000),
        Debug = Count("LOG_SAMPLE_DEBUG", o.Debug, 1, 1_000_000),
        Information = Count("LOG_SAMPLE_INFORMATION", o.Information, 1, 1_000_000),
        RepeatWindow = Duration("LOG_REPEAT_WINDOW", o.RepeatWindow, TimeSpan.Zero, TimeSpan.FromHours(1)),
        ShedPercent = Count("LOG_SHED_PERCENT", o.ShedPercent, 1, 100),
    };

    FallbackOptions Read(FallbackOptions o)
    {
        var settled = new FallbackOptions
        {
            Mode = Choice("LOG_FALLBACK", o.Mode),
            Directory = _environment.ReadText("LOG_FALLBACK_DIRECTORY", o.Directory),
            FileBytesMax = Bytes("LOG_FALLBACK_FILE_BYTES_MAX", o.FileBytesMax, 64 * 1024, 1L << 50),
        };
        if (string.IsNullOrEmpty(settled.Directory) && settled.Mode == TemporalFallback.WriteFile)
            _environment.Refuse("Fallback.Directory", "", "use the directory that an agent ships files from");
        return settled;
    }

    RedactionOptions Read(RedactionOptions o) => new()
    {
        Scope = Choice("LOG_REDACTION", o.Scope),
        Names = _environment.ReadText("LOG_REDACTED_NAMES") ?? NullIfEmpty(o.Names),
        Pattern = RedactorOptions.Pattern(_environment, "LOG_REDACTED_PATTERN", o.Pattern),
        Hook = o.Hook,
    };

    CodecOptions Read(CodecOptions o) => new()
    {
        EncryptionKeys = CodecVariables.ReadKeys(_environment, File.ReadAllText, o.EncryptionKeys),
        GzipBytesMin = Bytes(CodecVariables.GzipBytesMin, o.GzipBytesMin, 0, PipelineDefaults.BatchBytesLimit),
    };

    T Choice<T>(string variable, T value) where T : struct, Enum
    {
        var settled = _environment.ReadChoice(variable, value);
        if (!Enum.IsDefined(settled))
            _environment.Refuse(SinkOptionNames.Of(variable), settled.ToString(),
                $"use one of {string.Join(", ", Enum.GetNames<T>())}");
        return settled;
    }

    int Count(string variable, int value, int min, int max)
    {
        if (_environment.ReadText(variable) is not null) return _environment.ReadCount(variable, value, min, max);
        if (value < min || value > max)
            _environment.Refuse(SinkOptionNames.Of(variable), $"{value}", $"use a whole number from {min} to {max}");
        return value;
    }

    long Bytes(string variable, long value, long min, long max)
    {
        if (_environment.ReadText(variable) is not null) return _environment.ReadBytes(variable, value, min, max);
        if (value < min || value > max)
            _environment.Refuse(SinkOptionNames.Of(variable), $"{value}", $"use a size in bytes from {min} to {max}");
        return value;
    }

    TimeSpan Duration(string variable, TimeSpan value, TimeSpan min, TimeSpan max)
    {
        if (_environment.ReadText(variable) is not null) return _environment.ReadDuration(variable, value, min, max);
        if (value < min || value > max)
            _environment.Refuse(SinkOptionNames.Of(variable), $"{value}",
                $"use a time from {OptionText.Duration(min)} to {OptionText.Duration(max)}");
        return value;
    }

    string? Address(string variable, string? value)
    {
        if (_environment.ReadText(variable) is not null)
            return _environment.ReadAddress(variable, PipelineDefaults.TemporalAddress);
        if (NullIfEmpty(value) is not { } given) return null;
        if (!OptionText.IsAddress(given))
            _environment.Refuse(SinkOptionNames.Of(variable), given,
                $"use HOST:PORT, such as {PipelineDefaults.TemporalAddress}");
        return given;
    }

    string? Name(string variable, string? value)
    {
        var fromEnvironment = _environment.ReadText(variable);
        var given = fromEnvironment ?? value;
        if (given is not null && !BatchId.IsName(given))
            _environment.Refuse(fromEnvironment is null ? SinkOptionNames.Of(variable) : variable, given,
                $"use 1 to {PipelineDefaults.NameLengthMax} letters, digits, '.', '_' or '-', not beginning with '.'");
        return given;
    }

    string Channel(string variable, string value)
    {
        var fromEnvironment = _environment.ReadText(variable);
        var given = fromEnvironment ?? value;
        if (string.IsNullOrEmpty(given) || given.Length > PipelineDefaults.NameLengthMax)
            _environment.Refuse(fromEnvironment is null ? SinkOptionNames.Of(variable) : variable, given ?? "",
                $"use 1 to {PipelineDefaults.NameLengthMax} characters");
        return given ?? PipelineDefaults.Channel;
    }

    static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    static string SourceByDefault()
    {
        var name = Assembly.GetEntryAssembly()?.GetName().Name ?? "application";
        var kept = string.Concat(name.Where(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
            .TrimStart('.');
        if (kept.Length > PipelineDefaults.NameLengthMax) kept = kept[..PipelineDefaults.NameLengthMax];
        return BatchId.IsName(kept) ? kept : "application";
    }

    static string SpoolByDefault()
    {
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData,
            Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(data.Length > 0 ? data : AppContext.BaseDirectory, "logpipeline", "spool");
    }
}
