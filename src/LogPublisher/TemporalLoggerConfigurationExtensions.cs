using LogPipeline.Publisher;
using LogPipeline.Workflows.Configuration;
using Serilog.Configuration;
using Serilog.Core;
using Serilog.Events;

namespace Serilog;

/// <summary>Adds <c>WriteTo.Temporal(...)</c>.</summary>
public static class TemporalLoggerConfigurationExtensions
{
    /// <summary>
    /// Hands events to Temporal, from where a worker writes them to files. The scalar options, as JSON can hold them;
    /// those left out keep the default of <see cref="TemporalSinkOptions"/>, which says what each means.
    /// </summary>
    /// <param name="loggerSinkConfiguration">Where to.</param>
    /// <param name="address">TEMPORAL_ADDRESS: host:port.</param>
    /// <param name="namespace">TEMPORAL_NAMESPACE.</param>
    /// <param name="source">LOG_SOURCE: the application's name.</param>
    /// <param name="channel">LOG_CHANNEL: for events without a property <c>channel</c>.</param>
    /// <param name="bufferSize">LOG_BUFFER_SIZE: waiting records that are sent at once.</param>
    /// <param name="flushInterval">LOG_FLUSH_INTERVAL: longest wait, as <c>5</c> (seconds), <c>5s</c>, <c>500ms</c>, <c>00:00:05</c>.</param>
    /// <param name="queueCountMax">LOG_QUEUE_COUNT_MAX: most records in memory.</param>
    /// <param name="backPressure">LOG_BACK_PRESSURE: longest wait of a logging thread while the queue is full; as <paramref name="flushInterval"/>.</param>
    /// <param name="batchBytesMax">LOG_BATCH_BYTES_MAX: largest batch in bytes.</param>
    /// <param name="spoolDirectory">LOG_SPOOL_DIRECTORY: where batches wait while Temporal is away.</param>
    /// <param name="spoolBytesMax">LOG_SPOOL_BYTES_MAX: most bytes there.</param>
    /// <param name="fallback">LOG_FALLBACK: <c>Spool</c> or <c>WriteFile</c>.</param>
    /// <param name="fallbackDirectory">LOG_FALLBACK_DIRECTORY: for <c>WriteFile</c>.</param>
    /// <param name="closeTimeout">LOG_CLOSE_TIMEOUT: longest wait for Temporal when the logger is closed; as <paramref name="flushInterval"/>.</param>
    /// <param name="ignoreEnvironment">Take no option from environment variables; by default they win over the values given here.</param>
    /// <param name="restrictedToMinimumLevel">Events below are not handed on; <paramref name="levelSwitch"/> wins.</param>
    /// <param name="levelSwitch">Changes the minimum level at run time.</param>
    /// <exception cref="ConfigurationException">Options were wrong; it holds all errors.</exception>
    public static LoggerConfiguration Temporal(
        this LoggerSinkConfiguration loggerSinkConfiguration,
        string? address = null,
        string? @namespace = null,
        string? source = null,
        string? channel = null,
        int? bufferSize = null,
        string? flushInterval = null,
        int? queueCountMax = null,
        string? backPressure = null,
        long? batchBytesMax = null,
        string? spoolDirectory = null,
        long? spoolBytesMax = null,
        TemporalFallback? fallback = null,
        string? fallbackDirectory = null,
        string? closeTimeout = null,
        bool ignoreEnvironment = false,
        LogEventLevel restrictedToMinimumLevel = LevelAlias.Minimum,
        LoggingLevelSwitch? levelSwitch = null)
    {
        var errors = new List<string>();
        var byDefault = new TemporalSinkOptions();
        var options = byDefault with
        {
            Address = address,
            Namespace = @namespace,
            Source = source,
            Channel = channel ?? byDefault.Channel,
            BufferSize = bufferSize ?? byDefault.BufferSize,
            FlushInterval = Duration("FlushInterval", flushInterval, byDefault.FlushInterval, errors),
            QueueCountMax = queueCountMax ?? byDefault.QueueCountMax,
            BackPressure = Duration("BackPressure", backPressure, byDefault.BackPressure, errors),
            BatchBytesMax = batchBytesMax ?? byDefault.BatchBytesMax,
            SpoolDirectory = spoolDirectory,
            SpoolBytesMax = spoolBytesMax ?? byDefault.SpoolBytesMax,
            Fallback = fallback ?? byDefault.Fallback,
            FallbackDirectory = fallbackDirectory ?? byDefault.FallbackDirectory,
            CloseTimeout = Duration("CloseTimeout", closeTimeout, byDefault.CloseTimeout, errors),
        };
        return Add(loggerSinkConfiguration, options, ignoreEnvironment, null, restrictedToMinimumLevel, levelSwitch, errors);
    }

    /// <summary>Hands events to Temporal, from where a worker writes them to files. With every option.</summary>
    /// <param name="loggerSinkConfiguration">Where to.</param>
    /// <param name="configure">Changes the options.</param>
    /// <param name="ignoreEnvironment">Take no option from environment variables; by default they win over the values given here.</param>
    /// <param name="environment">Where variables come from; null: the process's environment.</param>
    /// <param name="restrictedToMinimumLevel">Events below are not handed on; <paramref name="levelSwitch"/> wins.</param>
    /// <param name="levelSwitch">Changes the minimum level at run time.</param>
    /// <exception cref="ConfigurationException">Options were wrong; it holds all errors.</exception>
    public static LoggerConfiguration Temporal(
        this LoggerSinkConfiguration loggerSinkConfiguration,
        Action<TemporalSinkOptions> configure,
        bool ignoreEnvironment = false,
        Func<string, string?>? environment = null,
        LogEventLevel restrictedToMinimumLevel = LevelAlias.Minimum,
        LoggingLevelSwitch? levelSwitch = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new TemporalSinkOptions();
        configure(options);
        return Add(loggerSinkConfiguration, options, ignoreEnvironment, environment, restrictedToMinimumLevel, levelSwitch, []);
    }

    static LoggerConfiguration Add(LoggerSinkConfiguration configuration, TemporalSinkOptions options, bool ignoreEnvironment,
        Func<string, string?>? environment, LogEventLevel restrictedToMinimumLevel, LoggingLevelSwitch? levelSwitch, List<string> errors)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        try
        {
            if (errors.Count == 0) return configuration.Sink(new TemporalSink(options, ignoreEnvironment, environment), restrictedToMinimumLevel, levelSwitch);
            LogPipeline.Publisher.Options.SinkOptionsReader.Settle(options, ignoreEnvironment ? _ => null : environment);
        }
        catch (ConfigurationException e) when (errors.Count > 0)
        {
            errors.AddRange(e.Errors);
        }
        throw new ConfigurationException(errors);
    }

    static TimeSpan Duration(string name, string? text, TimeSpan byDefault, List<string> errors)
    {
        if (string.IsNullOrEmpty(text)) return byDefault;
        if (OptionText.TryParseDuration(text, out var value)) return value;
        errors.Add($"{name} was '{text}'; use a time such as 5, 5s, 500ms or 00:00:05.");
        return byDefault;
    }
}
