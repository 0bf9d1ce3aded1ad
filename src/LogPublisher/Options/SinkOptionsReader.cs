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

    /// <exception cref="ConfigurationException">Something was wrong; it holds all errors.</exception>
    public static TemporalSinkOptions Settle(TemporalSinkOptions options, Func<string, string?>? get)
    {
        var reader = new SinkOptionsReader(new EnvironmentReader(get));
        var settled = reader.Read(options);
        reader._environment.ThrowIfWrong();
        return settled;
    }

    /// <summary>Reads options from where they stand under their names in code, as in JSON.</summary>
    public static TemporalSinkOptions FromTexts(TemporalSinkOptions options, OptionTexts texts)
    {
        var environment = new EnvironmentReader(texts.Get, texts.Shown);
        var read = new SinkOptionsReader(environment).Read(options);
        foreach (var sentence in texts.Unknown()) environment.Refuse(sentence);
        environment.ThrowIfWrong();
        return read;
    }

    TemporalSinkOptions Read(TemporalSinkOptions o)
    {
        var settled = o with
        {
            Address = Address(nameof(o.Address), "TEMPORAL_ADDRESS", o.Address),
            Namespace = _environment.ReadText("TEMPORAL_NAMESPACE") ?? NullIfEmpty(o.Namespace),
            TaskQueue = _environment.ReadText("LOG_TASK_QUEUE") ?? NullIfEmpty(o.TaskQueue) ?? PipelineDefaults.TaskQueue,
            Source = Name(nameof(o.Source), "LOG_SOURCE", NullIfEmpty(o.Source)) ?? SourceByDefault(),
            Channel = Channel(nameof(o.Channel), "LOG_CHANNEL", o.Channel),
            BufferSize = Count(nameof(o.BufferSize), "LOG_BUFFER_SIZE", o.BufferSize, 1, 1_000_000),
            FlushInterval = Duration(nameof(o.FlushInterval), "LOG_FLUSH_INTERVAL", o.FlushInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
            FlushOnError = _environment.ReadSwitch("LOG_FLUSH_ON_ERROR", o.FlushOnError),
            QueueCountMax = Count(nameof(o.QueueCountMax), "LOG_QUEUE_COUNT_MAX", o.QueueCountMax, 2, 10_000_000),
            QueueBytesMax = Bytes(nameof(o.QueueBytesMax), "LOG_QUEUE_BYTES_MAX", o.QueueBytesMax, 64 * 1024, 16L << 30),
            BackPressure = Duration(nameof(o.BackPressure), "LOG_BACK_PRESSURE", o.BackPressure, TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            BatchRecordsMax = Count(nameof(o.BatchRecordsMax), "LOG_BATCH_RECORDS_MAX", o.BatchRecordsMax, 1, PipelineDefaults.BatchRecordsLimit),
            BatchBytesMax = Bytes(nameof(o.BatchBytesMax), "LOG_BATCH_BYTES_MAX", o.BatchBytesMax, EventBytesMin, PipelineDefaults.BatchBytesLimit),
            EncryptionKeys = CodecVariables.ReadKeys(_environment, File.ReadAllText, o.EncryptionKeys),
            GzipBytesMin = Bytes(nameof(o.GzipBytesMin), CodecVariables.GzipBytesMin, o.GzipBytesMin, 0, PipelineDefaults.BatchBytesLimit),
            StartTimeout = Duration(nameof(o.StartTimeout), "LOG_START_TIMEOUT", o.StartTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)),
            BreakAfter = Count(nameof(o.BreakAfter), "LOG_BREAK_AFTER", o.BreakAfter, 2, 1_000),
            BreakMax = Duration(nameof(o.BreakMax), "LOG_BREAK_MAX", o.BreakMax, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            DeniedDelay = Duration(nameof(o.DeniedDelay), "LOG_DENIED_DELAY", o.DeniedDelay, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            ShedPercent = Count(nameof(o.ShedPercent), "LOG_SHED_PERCENT", o.ShedPercent, 1, 100),
            SampleVerbose = Count(nameof(o.SampleVerbose), "LOG_SAMPLE_VERBOSE", o.SampleVerbose, 1, 1_000_000),
            SampleDebug = Count(nameof(o.SampleDebug), "LOG_SAMPLE_DEBUG", o.SampleDebug, 1, 1_000_000),
            SampleInformation = Count(nameof(o.SampleInformation), "LOG_SAMPLE_INFORMATION", o.SampleInformation, 1, 1_000_000),
            RepeatWindow = Duration(nameof(o.RepeatWindow), "LOG_REPEAT_WINDOW", o.RepeatWindow, TimeSpan.Zero, TimeSpan.FromHours(1)),
            Fallback = _environment.ReadChoice("LOG_FALLBACK", o.Fallback),
            SpoolDirectory = _environment.ReadText("LOG_SPOOL_DIRECTORY") ?? NullIfEmpty(o.SpoolDirectory) ?? SpoolByDefault(),
            Durability = _environment.ReadChoice("LOG_DURABILITY", o.Durability),
            SpoolBytesMax = Bytes(nameof(o.SpoolBytesMax), "LOG_SPOOL_BYTES_MAX", o.SpoolBytesMax, 64 * 1024, 1L << 50),
            FallbackDirectory = _environment.ReadText("LOG_FALLBACK_DIRECTORY", o.FallbackDirectory),
            FallbackFileBytesMax = Bytes(nameof(o.FallbackFileBytesMax), "LOG_FALLBACK_FILE_BYTES_MAX", o.FallbackFileBytesMax, 64 * 1024, 1L << 50),
            CloseTimeout = Duration(nameof(o.CloseTimeout), "LOG_CLOSE_TIMEOUT", o.CloseTimeout, TimeSpan.Zero, TimeSpan.FromHours(1)),
            AuditTimeout = Duration(nameof(o.AuditTimeout), "LOG_AUDIT_TIMEOUT", o.AuditTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
            EventBytesMax = (int)Bytes(nameof(o.EventBytesMax), "LOG_EVENT_BYTES_MAX", o.EventBytesMax, EventBytesMin, PipelineDefaults.BatchBytesLimit - 1024),
            StringLengthMax = Count(nameof(o.StringLengthMax), "LOG_STRING_LENGTH_MAX", o.StringLengthMax, 1, 10_000_000),
            CollectionCountMax = Count(nameof(o.CollectionCountMax), "LOG_COLLECTION_COUNT_MAX", o.CollectionCountMax, 1, 1_000_000),
            DepthMax = Count(nameof(o.DepthMax), "LOG_DEPTH_MAX", o.DepthMax, 1, 64),
            Redaction = _environment.ReadChoice("LOG_REDACTION", o.Redaction),
            RedactedNames = _environment.ReadText("LOG_REDACTED_NAMES") ?? NullIfEmpty(o.RedactedNames),
            RedactedPattern = RedactionOptions.Pattern(_environment, nameof(o.RedactedPattern), "LOG_REDACTED_PATTERN", o.RedactedPattern),
        };
        if (!Enum.IsDefined(settled.Durability))
            _environment.Refuse(nameof(o.Durability), settled.Durability.ToString(), $"use one of {string.Join(", ", Enum.GetNames<Durability>())}");
        if (!Enum.IsDefined(settled.Fallback))
            _environment.Refuse(nameof(o.Fallback), settled.Fallback.ToString(), $"use one of {string.Join(", ", Enum.GetNames<TemporalFallback>())}");
        if (!Enum.IsDefined(settled.Redaction))
            _environment.Refuse(nameof(o.Redaction), settled.Redaction.ToString(), $"use one of {string.Join(", ", Enum.GetNames<RedactionScope>())}");
        if (string.IsNullOrEmpty(settled.FallbackDirectory) && settled.Fallback == TemporalFallback.WriteFile)
            _environment.Refuse(nameof(o.FallbackDirectory), "", "use the directory that an agent ships files from");
        if (settled.EventBytesMax >= settled.BatchBytesMax)
            _environment.Refuse(nameof(o.EventBytesMax), settled.EventBytesMax.ToString(System.Globalization.CultureInfo.InvariantCulture),
                $"use less than BatchBytesMax, which is {settled.BatchBytesMax}, as every event must fit in a batch");
        return settled;
    }

    int Count(string name, string variable, int value, int min, int max)
    {
        if (_environment.ReadText(variable) is not null) return _environment.ReadCount(variable, value, min, max);
        if (value < min || value > max) _environment.Refuse(name, $"{value}", $"use a whole number from {min} to {max}");
        return value;
    }

    long Bytes(string name, string variable, long value, long min, long max)
    {
        if (_environment.ReadText(variable) is not null) return _environment.ReadBytes(variable, value, min, max);
        if (value < min || value > max) _environment.Refuse(name, $"{value}", $"use a size in bytes from {min} to {max}");
        return value;
    }

    TimeSpan Duration(string name, string variable, TimeSpan value, TimeSpan min, TimeSpan max)
    {
        if (_environment.ReadText(variable) is not null) return _environment.ReadDuration(variable, value, min, max);
        if (value < min || value > max) _environment.Refuse(name, $"{value}", $"use a time from {OptionText.Duration(min)} to {OptionText.Duration(max)}");
        return value;
    }

    string? Address(string name, string variable, string? value)
    {
        if (_environment.ReadText(variable) is not null) return _environment.ReadAddress(variable, PipelineDefaults.TemporalAddress);
        if (NullIfEmpty(value) is not { } given) return null;
        if (!OptionText.IsAddress(given)) _environment.Refuse(name, given, $"use HOST:PORT, such as {PipelineDefaults.TemporalAddress}");
        return given;
    }

    string? Name(string name, string variable, string? value)
    {
        var fromEnvironment = _environment.ReadText(variable);
        var given = fromEnvironment ?? value;
        if (given is not null && !BatchId.IsName(given))
            _environment.Refuse(fromEnvironment is null ? name : variable, given,
                $"use 1 to {PipelineDefaults.NameLengthMax} letters, digits, '.', '_' or '-', not beginning with '.'");
        return given;
    }

    string Channel(string name, string variable, string value)
    {
        var fromEnvironment = _environment.ReadText(variable);
        var given = fromEnvironment ?? value;
        if (string.IsNullOrEmpty(given) || given.Length > PipelineDefaults.NameLengthMax)
            _environment.Refuse(fromEnvironment is null ? name : variable, given ?? "", $"use 1 to {PipelineDefaults.NameLengthMax} characters");
        return given ?? PipelineDefaults.Channel;
    }

    static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    static string SourceByDefault()
    {
        var name = Assembly.GetEntryAssembly()?.GetName().Name ?? "application";
        var kept = string.Concat(name.Where(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')).TrimStart('.');
        if (kept.Length > PipelineDefaults.NameLengthMax) kept = kept[..PipelineDefaults.NameLengthMax];
        return BatchId.IsName(kept) ? kept : "application";
    }

    static string SpoolByDefault()
    {
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(data.Length > 0 ? data : AppContext.BaseDirectory, "logpipeline", "spool");
    }
}
