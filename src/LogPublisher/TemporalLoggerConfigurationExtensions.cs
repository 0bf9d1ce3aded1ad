using LogPipeline.Publisher;
using LogPipeline.Publisher.Options;
using LogPipeline.Publisher.Spool;
using LogPipeline.Workflows.Configuration;
using Serilog.Configuration;

namespace Serilog;

/// <summary>Adds <c>WriteTo.Temporal(...)</c> and <c>AuditTo.Temporal(...)</c>.</summary>
public static class TemporalLoggerConfigurationExtensions
{
    /// <summary>
    /// Hands events to Temporal, from where a worker writes them to files. The scalar options; those left out keep the
    /// default of <see cref="TemporalSinkOptions"/>, which says what each means.
    /// </summary>
    /// <param name="loggerSinkConfiguration">Where to.</param>
    /// <param name="address">TEMPORAL_ADDRESS: host:port.</param>
    /// <param name="namespace">TEMPORAL_NAMESPACE.</param>
    /// <param name="source">LOG_SOURCE: the application's name.</param>
    /// <param name="channel">LOG_CHANNEL: for events without a property <c>channel</c>.</param>
    /// <param name="durability">LOG_DURABILITY: what an event survives once the call that logged it has returned.</param>
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
        Durability? durability = null,
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
        LoggingLevelSwitch? levelSwitch = null) =>
        loggerSinkConfiguration.Temporal(Options("WriteTo.Temporal",
        [
            (nameof(address), address), (nameof(@namespace), @namespace), (nameof(source), source), (nameof(channel), channel),
            (nameof(durability), durability), (nameof(bufferSize), bufferSize), (nameof(flushInterval), flushInterval), (nameof(queueCountMax), queueCountMax),
            (nameof(backPressure), backPressure), (nameof(batchBytesMax), batchBytesMax), (nameof(spoolDirectory), spoolDirectory),
            (nameof(spoolBytesMax), spoolBytesMax), (nameof(fallback), fallback), (nameof(fallbackDirectory), fallbackDirectory),
            (nameof(closeTimeout), closeTimeout),
        ]), ignoreEnvironment, null, restrictedToMinimumLevel, levelSwitch);

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
        LoggingLevelSwitch? levelSwitch = null) =>
        loggerSinkConfiguration.Temporal(Configured(configure), ignoreEnvironment, environment, restrictedToMinimumLevel, levelSwitch);

    /// <summary>
    /// As <c>WriteTo.Temporal</c>, for events that must not get lost unnoticed: logging one returns when it is synced in the
    /// spool, whatever <see cref="TemporalSinkOptions.Durability"/> says, and throws when it is not within
    /// <see cref="TemporalSinkOptions.AuditTimeout"/>. An event for which it threw may arrive all the same.
    /// </summary>
    /// <param name="loggerSinkConfiguration">Where to.</param>
    /// <param name="address">TEMPORAL_ADDRESS: host:port.</param>
    /// <param name="namespace">TEMPORAL_NAMESPACE.</param>
    /// <param name="source">LOG_SOURCE: the application's name.</param>
    /// <param name="channel">LOG_CHANNEL: for events without a property <c>channel</c>.</param>
    /// <param name="spoolDirectory">LOG_SPOOL_DIRECTORY: where batches wait while Temporal is away.</param>
    /// <param name="spoolBytesMax">LOG_SPOOL_BYTES_MAX: most bytes there.</param>
    /// <param name="auditTimeout">LOG_AUDIT_TIMEOUT: longest wait of a logging thread, as <c>5</c> (seconds), <c>5s</c>, <c>500ms</c>, <c>00:00:05</c>.</param>
    /// <param name="ignoreEnvironment">Take no option from environment variables; by default they win over the values given here.</param>
    /// <param name="restrictedToMinimumLevel">Events below are not handed on; <paramref name="levelSwitch"/> wins.</param>
    /// <param name="levelSwitch">Changes the minimum level at run time.</param>
    /// <exception cref="ConfigurationException">Options were wrong; it holds all errors.</exception>
    public static LoggerConfiguration Temporal(
        this LoggerAuditSinkConfiguration loggerSinkConfiguration,
        string? address = null,
        string? @namespace = null,
        string? source = null,
        string? channel = null,
        string? spoolDirectory = null,
        long? spoolBytesMax = null,
        string? auditTimeout = null,
        bool ignoreEnvironment = false,
        LogEventLevel restrictedToMinimumLevel = LevelAlias.Minimum,
        LoggingLevelSwitch? levelSwitch = null) =>
        loggerSinkConfiguration.Temporal(Options("AuditTo.Temporal",
        [
            (nameof(address), address), (nameof(@namespace), @namespace), (nameof(source), source), (nameof(channel), channel),
            (nameof(spoolDirectory), spoolDirectory), (nameof(spoolBytesMax), spoolBytesMax), (nameof(auditTimeout), auditTimeout),
        ]), ignoreEnvironment, null, restrictedToMinimumLevel, levelSwitch);

    /// <summary>As the other overload of <c>AuditTo.Temporal</c>, with every option.</summary>
    /// <inheritdoc cref="Temporal(LoggerSinkConfiguration, Action{TemporalSinkOptions}, bool, Func{string, string?}?, LogEventLevel, LoggingLevelSwitch?)" path="/param|/exception"/>
    public static LoggerConfiguration Temporal(
        this LoggerAuditSinkConfiguration loggerSinkConfiguration,
        Action<TemporalSinkOptions> configure,
        bool ignoreEnvironment = false,
        Func<string, string?>? environment = null,
        LogEventLevel restrictedToMinimumLevel = LevelAlias.Minimum,
        LoggingLevelSwitch? levelSwitch = null) =>
        loggerSinkConfiguration.Temporal(Configured(configure), ignoreEnvironment, environment, restrictedToMinimumLevel, levelSwitch);

    internal static LoggerConfiguration Temporal(this LoggerSinkConfiguration configuration, TemporalSinkOptions options, bool ignoreEnvironment,
        Func<string, string?>? environment, LogEventLevel restrictedToMinimumLevel, LoggingLevelSwitch? levelSwitch) =>
        configuration.Sink(new TemporalSink(options, ignoreEnvironment, environment), restrictedToMinimumLevel, levelSwitch);

    internal static LoggerConfiguration Temporal(this LoggerAuditSinkConfiguration configuration, TemporalSinkOptions options, bool ignoreEnvironment,
        Func<string, string?>? environment, LogEventLevel restrictedToMinimumLevel, LoggingLevelSwitch? levelSwitch) =>
        configuration.Sink(new AuditSink(options, ignoreEnvironment, environment), restrictedToMinimumLevel, levelSwitch);

    static TemporalSinkOptions Configured(Action<TemporalSinkOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new TemporalSinkOptions();
        configure(options);
        return options;
    }

    static TemporalSinkOptions Options(string place, (string Name, object? Value)[] arguments) =>
        SinkOptionsReader.FromTexts(new TemporalSinkOptions(), new OptionTexts(place,
            arguments.Select(argument => KeyValuePair.Create(argument.Name, Convert.ToString(argument.Value, CultureInfo.InvariantCulture)))));
}
