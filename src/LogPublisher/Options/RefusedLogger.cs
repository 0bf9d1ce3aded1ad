using System.Reflection;
using LogPipeline.Workflows.Configuration;
using Microsoft.Extensions.Configuration;
using Serilog;

namespace LogPipeline.Publisher.Options;

/// <summary>
/// Lets <c>CreateLogger()</c> throw what is wrong. Serilog.Settings.Configuration calls a sink's method by reflection,
/// so that what the method throws itself reaches people inside a <see cref="TargetInvocationException"/>, behind the
/// stack of the call.
/// </summary>
static class RefusedLogger
{
    /// <summary>
    /// Whether the error is sure to be thrown later: by the Serilog that runs, which is tried, and not for a sink
    /// within another sink, as a wrapper may throw the configuration of its inner sinks away.
    /// </summary>
    public static bool CanThrowLater(ConfigurationException error, IConfiguration configuration)
    {
        if (JsonArguments.Calls(configuration).Any(IsWithinAnother)) return false;
        try
        {
            Mark(new LoggerConfiguration(), error).CreateLogger().Dispose();
            return false;
        }
        catch (ConfigurationException thrown)
        {
            return thrown == error;
        }
    }

    static bool IsWithinAnother(IConfigurationSection call) =>
        call.Path.Contains(":Args:", StringComparison.OrdinalIgnoreCase);

    public static LoggerConfiguration Mark(LoggerConfiguration configuration, ConfigurationException error) =>
        configuration.Destructure.AsScalar(new Refusal(error));

    /// <summary>A type that a logger cannot be created with: scalar types are hashed, and this one throws.</summary>
    sealed class Refusal(ConfigurationException error) : TypeDelegator(typeof(Refusal))
    {
        public override int GetHashCode() => throw error;
    }
}
