using System.ComponentModel;
using LogPipeline.Publisher.Options;
using LogPipeline.Workflows.Configuration;
using Microsoft.Extensions.Configuration;
using Serilog.Configuration;

namespace Serilog;

/// <summary>
/// What Serilog.Settings.Configuration calls for <c>{ "Name": "Temporal", "Args": { … } }</c>. Of the overloads that take the
/// same arguments it prefers the one with the most texts: this one, which can say what was wrong with a text, and sees in the
/// configuration itself which arguments nobody takes. It stands before the other overloads in the assembly, for the draw.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TemporalConfigurationExtensions
{
    /// <summary>Of the arguments that are options, in the order of both methods.</summary>
    static readonly string[] Names =
    [
        .. typeof(TemporalConfigurationExtensions).GetMethods().First(method => method.Name == nameof(Temporal))
            .GetParameters().Where(parameter => parameter.ParameterType == typeof(string)).Select(parameter => parameter.Name!),
    ];

    /// <summary>Every option as text.</summary>
    /// <exception cref="ConfigurationException">Arguments were wrong; it holds all errors.</exception>
    public static LoggerConfiguration Temporal(this LoggerSinkConfiguration loggerSinkConfiguration, IConfiguration appConfiguration,
        string? address = null, string? @namespace = null, string? taskQueue = null, string? source = null, string? channel = null,
        string? bufferSize = null, string? flushInterval = null, string? flushOnError = null, string? queueCountMax = null,
        string? queueBytesMax = null, string? backPressure = null, string? batchRecordsMax = null, string? batchBytesMax = null,
        string? gzipBytesMin = null, string? startTimeout = null, string? breakAfter = null, string? breakMax = null, string? deniedDelay = null,
        string? shedPercent = null, string? sampleVerbose = null, string? sampleDebug = null, string? sampleInformation = null,
        string? repeatWindow = null, string? fallback = null, string? spoolDirectory = null, string? durability = null,
        string? spoolBytesMax = null, string? fallbackDirectory = null, string? fallbackFileBytesMax = null, string? closeTimeout = null,
        string? auditTimeout = null, string? eventBytesMax = null, string? stringLengthMax = null, string? collectionCountMax = null,
        string? depthMax = null, string? redaction = null, string? redactedNames = null, string? redactedPattern = null,
        bool ignoreEnvironment = false, LogEventLevel restrictedToMinimumLevel = LevelAlias.Minimum, LoggingLevelSwitch? levelSwitch = null)
    {
        var options = JsonArguments.Read(appConfiguration, "WriteTo.Temporal", Names,
        [
            address, @namespace, taskQueue, source, channel, bufferSize, flushInterval, flushOnError, queueCountMax, queueBytesMax,
            backPressure, batchRecordsMax, batchBytesMax, gzipBytesMin, startTimeout, breakAfter, breakMax, deniedDelay, shedPercent,
            sampleVerbose, sampleDebug, sampleInformation, repeatWindow, fallback, spoolDirectory, durability, spoolBytesMax,
            fallbackDirectory, fallbackFileBytesMax, closeTimeout, auditTimeout, eventBytesMax, stringLengthMax, collectionCountMax,
            depthMax, redaction, redactedNames, redactedPattern,
        ]);
        return loggerSinkConfiguration.Temporal(options, ignoreEnvironment, null, restrictedToMinimumLevel, levelSwitch);
    }

    /// <summary>Every option as text.</summary>
    /// <exception cref="ConfigurationException">Arguments were wrong; it holds all errors.</exception>
    public static LoggerConfiguration Temporal(this LoggerAuditSinkConfiguration loggerSinkConfiguration, IConfiguration appConfiguration,
        string? address = null, string? @namespace = null, string? taskQueue = null, string? source = null, string? channel = null,
        string? bufferSize = null, string? flushInterval = null, string? flushOnError = null, string? queueCountMax = null,
        string? queueBytesMax = null, string? backPressure = null, string? batchRecordsMax = null, string? batchBytesMax = null,
        string? gzipBytesMin = null, string? startTimeout = null, string? breakAfter = null, string? breakMax = null, string? deniedDelay = null,
        string? shedPercent = null, string? sampleVerbose = null, string? sampleDebug = null, string? sampleInformation = null,
        string? repeatWindow = null, string? fallback = null, string? spoolDirectory = null, string? durability = null,
        string? spoolBytesMax = null, string? fallbackDirectory = null, string? fallbackFileBytesMax = null, string? closeTimeout = null,
        string? auditTimeout = null, string? eventBytesMax = null, string? stringLengthMax = null, string? collectionCountMax = null,
        string? depthMax = null, string? redaction = null, string? redactedNames = null, string? redactedPattern = null,
        bool ignoreEnvironment = false, LogEventLevel restrictedToMinimumLevel = LevelAlias.Minimum, LoggingLevelSwitch? levelSwitch = null)
    {
        var options = JsonArguments.Read(appConfiguration, "AuditTo.Temporal", Names,
        [
            address, @namespace, taskQueue, source, channel, bufferSize, flushInterval, flushOnError, queueCountMax, queueBytesMax,
            backPressure, batchRecordsMax, batchBytesMax, gzipBytesMin, startTimeout, breakAfter, breakMax, deniedDelay, shedPercent,
            sampleVerbose, sampleDebug, sampleInformation, repeatWindow, fallback, spoolDirectory, durability, spoolBytesMax,
            fallbackDirectory, fallbackFileBytesMax, closeTimeout, auditTimeout, eventBytesMax, stringLengthMax, collectionCountMax,
            depthMax, redaction, redactedNames, redactedPattern,
        ]);
        return loggerSinkConfiguration.Temporal(options, ignoreEnvironment, null, restrictedToMinimumLevel, levelSwitch);
    }
}
