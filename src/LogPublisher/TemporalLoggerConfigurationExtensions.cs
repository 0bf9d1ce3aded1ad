using LogPipeline.Publisher;
using LogPipeline.Workflows.Configuration;
using Serilog.Configuration;

namespace Serilog;

/// <summary>Adds <c>WriteTo.Temporal(...)</c> and <c>AuditTo.Temporal(...)</c>.</summary>
public static class TemporalLoggerConfigurationExtensions
{
    /// <summary>
    /// Hands events to Temporal, from where a worker writes them to files. Options that are left out keep the default
    /// of <see cref="TemporalSinkOptions"/>, which has many more; environment variables win over the values given
    /// here.
    /// </summary>
    /// <param name="loggerSinkConfiguration">Where to.</param>
    /// <param name="address">TEMPORAL_ADDRESS: host:port.</param>
    /// <param name="namespace">TEMPORAL_NAMESPACE.</param>
    /// <param name="source">LOG_SOURCE: the application's name.</param>
    /// <param name="channel">LOG_CHANNEL: for events without a property <c>channel</c>.</param>
    /// <param name="bufferSize">LOG_BUFFER_SIZE: waiting records that are sent at once.</param>
    /// <param name="flushInterval">LOG_FLUSH_INTERVAL: longest time a record waits for others.</param>
    /// <param name="durability">LOG_DURABILITY: what an event survives once the call that logged it has
    /// returned.</param>
    /// <param name="spoolDirectory">LOG_SPOOL_DIRECTORY: where records wait on disk.</param>
    /// <param name="restrictedToMinimumLevel">Events below are not handed on; <paramref name="levelSwitch"/>
    /// wins.</param>
    /// <param name="levelSwitch">Changes the minimum level at run time.</param>
    /// <exception cref="ConfigurationException">Options were wrong; it holds all errors.</exception>
    public static LoggerConfiguration Temporal(
        this LoggerSinkConfiguration loggerSinkConfiguration,
        string? address = null,
        string? @namespace = null,
        string? source = null,
        string? channel = null,
        int? bufferSize = null,
        TimeSpan? flushInterval = null,
        Durability? durability = null,
        string? spoolDirectory = null,
        LogEventLevel restrictedToMinimumLevel = LevelAlias.Minimum,
        LoggingLevelSwitch? levelSwitch = null)
    {
        var options = Options(address, @namespace, source, channel, bufferSize, flushInterval, spoolDirectory);
        options.Durability = durability ?? options.Durability;
        return loggerSinkConfiguration.Temporal(options, false, null, restrictedToMinimumLevel, levelSwitch);
    }

    /// <summary>Hands events to Temporal, from where a worker writes them to files. With every option.</summary>
    /// <param name="loggerSinkConfiguration">Where to.</param>
    /// <param name="configure">Changes the options.</param>
    /// <param name="ignoreEnvironment">Take no option from environment variables; by default they win over the values
    /// given here.</param>
    /// <param name="environment">Where variables come from; null: the process's environment.</param>
    /// <param name="restrictedToMinimumLevel">Events below are not handed on; <paramref name="levelSwitch"/>
    /// wins.</param>
    /// <param name="levelSwitch">Changes the minimum level at run time.</param>
    /// <exception cref="ConfigurationException">Options were wrong; it holds all errors.</exception>
    public static LoggerConfiguration Temporal(
        this LoggerSinkConfiguration loggerSinkConfiguration,
        Action<TemporalSinkOptions> configure,
        bool ignoreEnvironment = false,
        Func<string, string?>? environment = null,
        LogEventLevel restrictedToMinimumLevel = LevelAlias.Minimum,
        LoggingLevelSwitch? levelSwitch = null) =>
        loggerSinkConfiguration.Temporal(Configured(configure), ignoreEnvironment, environment,
            restrictedToMinimumLevel, levelSwitch);

    /// <summary>
    /// As <c>WriteTo.Temporal</c>, for events that must not get lost unnoticed: logging one returns when it is synced
    /// in the spool, whatever <see cref="TemporalSinkOptions.Durability"/> says, and throws when it is not within
    /// <see cref="TimeoutOptions.Audit"/>. An event for which it threw may arrive all the same.
    /// </summary>
    /// <param name="loggerSinkConfiguration">Where to.</param>
    /// <param name="address">TEMPORAL_ADDRESS: host:port.</param>
    /// <param name="namespace">TEMPORAL_NAMESPACE.</param>
    /// <param name="source">LOG_SOURCE: the application's name.</param>
    /// <param name="channel">LOG_CHANNEL: for events without a property <c>channel</c>.</param>
    /// <param name="bufferSize">LOG_BUFFER_SIZE: waiting records that are sent at once.</param>
    /// <param name="flushInterval">LOG_FLUSH_INTERVAL: longest time a record waits for others.</param>
    /// <param name="spoolDirectory">LOG_SPOOL_DIRECTORY: where records wait on disk.</param>
    /// <param name="restrictedToMinimumLevel">Events below are not handed on; <paramref name="levelSwitch"/>
    /// wins.</param>
    /// <param name="levelSwitch">Changes the minimum level at run time.</param>
    /// <exception cref="ConfigurationException">Options were wrong; it holds all errors.</exception>
    public static LoggerConfiguration Temporal(
        this LoggerAuditSinkConfiguration loggerSinkConfiguration,
        string? address = null,
        string? @namespace = null,
        string? source = null,
        string? channel = null,
        int? bufferSize = null,
        TimeSpan? flushInterval = null,
        string? spoolDirectory = null,
        LogEventLevel restrictedToMinimumLevel = LevelAlias.Minimum,
        LoggingLevelSwitch? levelSwitch = null) =>
        loggerSinkConfiguration.Temporal(
            Options(address, @namespace, source, channel, bufferSize, flushInterval, spoolDirectory), false, null,
            restrictedToMinimumLevel, levelSwitch);

    /// <summary>As the other overload of <c>AuditTo.Temporal</c>, with every option.</summary>
    /// <inheritdoc cref="Temporal(LoggerSinkConfiguration, Action{TemporalSinkOptions}, bool,
    ///   Func{string, string?}?, LogEventLevel, LoggingLevelSwitch?)" path="/param|/exception"/>
    public static LoggerConfiguration Temporal(
        this LoggerAuditSinkConfiguration loggerSinkConfiguration,
        Action<TemporalSinkOptions> configure,
        bool ignoreEnvironment = false,
        Func<string, string?>? environment = null,
        LogEventLevel restrictedToMinimumLevel = LevelAlias.Minimum,
        LoggingLevelSwitch? levelSwitch = null) =>
        loggerSinkConfiguration.Temporal(Configured(configure), ignoreEnvironment, environment,
            restrictedToMinimumLevel, levelSwitch);

    internal static LoggerConfiguration Temporal(this LoggerSinkConfiguration configuration,
        TemporalSinkOptions options, bool ignoreEnvironment,
        Func<string, string?>? environment, LogEventLevel restrictedToMinimumLevel, LoggingLevelSwitch? levelSwitch) =>
        configuration.Sink(new TemporalSink(options, ignoreEnvironment, environment),
            restrictedToMinimumLevel, levelSwitch);

    internal static LoggerConfiguration Temporal(this LoggerAuditSinkConfiguration configuration,
        TemporalSinkOptions options, bool ignoreEnvironment,
        Func<string, string?>? environment, LogEventLevel restrictedToMinimumLevel, LoggingLevelSwitch? levelSwitch) =>
        configuration.Sink(new TemporalSink(options, ignoreEnvironment, environment, audits: true),
            restrictedToMinimumLevel, levelSwitch);

    static TemporalSinkOptions Options(string? address, string? @namespace, string? source, string? channel,
        int? bufferSize, TimeSpan? flushInterval, string? spoolDirectory)
    {
        var options = new TemporalSinkOptions
        {
            Address = address,
            Namespace = @namespace,
            Source = source,
            SpoolDirectory = spoolDirectory,
        };
        options.Channel = channel ?? options.Channel;
        options.BufferSize = bufferSize ?? options.BufferSize;
        options.FlushInterval = flushInterval ?? options.FlushInterval;
        return options;
    }

    static TemporalSinkOptions Configured(Action<TemporalSinkOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new TemporalSinkOptions();
        configure(options);
        return options;
    }
}
