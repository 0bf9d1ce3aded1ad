using LogPipeline.Workflows.Configuration;
using Microsoft.Extensions.Configuration;

namespace LogPipeline.Publisher.Options;

/// <summary>The arguments of a sink in JSON. Serilog's reader passes over an argument that no method takes, so they are looked for here.</summary>
static class JsonArguments
{
    const string Method = "Temporal";
    static readonly string[] AnySinks = ["ignoreEnvironment", "restrictedToMinimumLevel", "levelSwitch"];

    /// <param name="configuration">The application's.</param>
    /// <param name="place">The method, for errors.</param>
    /// <param name="names">Every argument that it takes.</param>
    /// <param name="texts">What each was given, in the same order; null: nothing.</param>
    /// <exception cref="ConfigurationException">Arguments were wrong; it holds all errors.</exception>
    public static TemporalSinkOptions Read(IConfiguration configuration, string place, string[] names, string?[] texts)
    {
        var known = names.Concat(AnySinks).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unknown = Calls(configuration.GetChildren(), isSink: false)
            .SelectMany(call => call.GetSection("Args").GetChildren())
            .Where(argument => !known.Contains(argument.Key))
            .Select(argument => OptionNames.Unknown(argument.Path, argument.Key, known)).ToList();
        try
        {
            var read = SinkOptionsReader.FromTexts(new TemporalSinkOptions(), new OptionTexts(place, names.Zip(texts, KeyValuePair.Create)));
            return unknown.Count == 0 ? read : throw new ConfigurationException(unknown);
        }
        catch (ConfigurationException e) when (unknown.Count > 0)
        {
            throw new ConfigurationException([.. unknown, .. e.Errors.Except(unknown)]);
        }
    }

    /// <summary>The places that call this product's sinks, also within other sinks.</summary>
    static IEnumerable<IConfigurationSection> Calls(IEnumerable<IConfigurationSection> sections, bool isSink)
    {
        foreach (var section in sections)
        {
            if (isSink && section["Name"] == Method) yield return section;
            var below = isSink || section.Key.StartsWith("WriteTo", StringComparison.OrdinalIgnoreCase) || section.Key.StartsWith("AuditTo", StringComparison.OrdinalIgnoreCase);
            foreach (var call in Calls(section.GetChildren(), below)) yield return call;
        }
    }
}
