using System.ComponentModel;
using LogPipeline.Publisher.Options;
using LogPipeline.Workflows.Configuration;
using Microsoft.Extensions.Configuration;
using Serilog.Configuration;

namespace Serilog;

/// <summary>
/// What Serilog.Settings.Configuration calls for <c>{ "Name": "Temporal", "Args": { … } }</c>. Of the overloads that
/// take the same arguments it prefers the one with the most texts: this one, which can say what was wrong with a text,
/// and sees in the configuration itself which arguments nobody takes. It stands before the other overloads in the
/// assembly, for the draw. What is wrong is thrown when the logger is created (<see cref="RefusedLogger"/>).
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TemporalConfigurationExtensions
{
    /// <summary>What most set as text, and every option in a section.</summary>
    public static LoggerConfiguration Temporal(this LoggerSinkConfiguration loggerSinkConfiguration,
        IConfiguration appConfiguration,
        string? address = null, string? @namespace = null, string? source = null, string? channel = null,
        string? bufferSize = null, string? flushInterval = null, string? durability = null,
        string? spoolDirectory = null, IConfigurationSection? options = null, string? ignoreEnvironment = null,
        string? restrictedToMinimumLevel = null, LoggingLevelSwitch? levelSwitch = null)
    {
        string?[] flat = [address, @namespace, source, channel, bufferSize, flushInterval, durability, spoolDirectory];
        return AddOrRefuse(
            appConfiguration,
            () => JsonArguments.Read("WriteTo.Temporal", flat, options, ignoreEnvironment, restrictedToMinimumLevel),
            read => loggerSinkConfiguration.Temporal(
                read.Options, read.IgnoresEnvironment, null, read.LevelMin, levelSwitch),
            () => loggerSinkConfiguration.Logger(_ => { }));
    }

    /// <summary>What most set as text, and every option in a section.</summary>
    public static LoggerConfiguration Temporal(this LoggerAuditSinkConfiguration loggerSinkConfiguration,
        IConfiguration appConfiguration,
        string? address = null, string? @namespace = null, string? source = null, string? channel = null,
        string? bufferSize = null, string? flushInterval = null, string? durability = null,
        string? spoolDirectory = null, IConfigurationSection? options = null, string? ignoreEnvironment = null,
        string? restrictedToMinimumLevel = null, LoggingLevelSwitch? levelSwitch = null)
    {
        string?[] flat = [address, @namespace, source, channel, bufferSize, flushInterval, durability, spoolDirectory];
        return AddOrRefuse(
            appConfiguration,
            () => JsonArguments.Read("AuditTo.Temporal", flat, options, ignoreEnvironment, restrictedToMinimumLevel),
            read => loggerSinkConfiguration.Temporal(
                read.Options, read.IgnoresEnvironment, null, read.LevelMin, levelSwitch),
            () => loggerSinkConfiguration.Logger(_ => { }));
    }

    /// <param name="none">A sink that takes nothing, for the logger that is refused when it is created.</param>
    static LoggerConfiguration AddOrRefuse(IConfiguration appConfiguration, Func<JsonArguments> read,
        Func<JsonArguments, LoggerConfiguration> add, Func<LoggerConfiguration> none)
    {
        try
        {
            JsonArguments.Check(appConfiguration);
            return add(read());
        }
        catch (ConfigurationException e) when (RefusedLogger.CanThrowLater(e, appConfiguration))
        {
            return RefusedLogger.Mark(none(), e);
        }
    }
}
