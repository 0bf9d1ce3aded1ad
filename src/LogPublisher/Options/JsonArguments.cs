using LogPipeline.Workflows.Configuration;
using Microsoft.Extensions.Configuration;

namespace LogPipeline.Publisher.Options;

/// <summary>
/// What stands in JSON as the arguments of a sink: <c>"Args": { "address": …, "options": { "limits": { … } } }</c>.
/// Serilog's reader passes over an argument that no method takes, so all are looked for here, at every place that
/// calls this product's sinks.
/// </summary>
sealed record JsonArguments(TemporalSinkOptions Options, bool IgnoresEnvironment, LogEventLevel LevelMin)
{
    const string Method = "Temporal";
    const string Group = "options";
    const string IgnoreEnvironment = "ignoreEnvironment";
    const string RestrictedToMinimumLevel = "restrictedToMinimumLevel";
    const string LevelSwitch = "levelSwitch";

    /// <summary>The options that are arguments themselves, in the order of the methods' parameters.</summary>
    static readonly string[] Flat =
    [
        nameof(TemporalSinkOptions.Address), nameof(TemporalSinkOptions.Namespace), nameof(TemporalSinkOptions.Source),
        nameof(TemporalSinkOptions.Channel), nameof(TemporalSinkOptions.BufferSize),
        nameof(TemporalSinkOptions.FlushInterval), nameof(TemporalSinkOptions.Durability),
        nameof(TemporalSinkOptions.SpoolDirectory),
    ];

    static readonly string[] Known =
    [
        .. Flat, Group, IgnoreEnvironment, RestrictedToMinimumLevel, LevelSwitch,
        .. SinkOptionNames.All.Select(option => $"{Group}.{option.Name}"),
    ];

    /// <param name="place">The method, for errors.</param>
    /// <param name="flat">What its parameters were given, in the order of <see cref="Flat"/>.</param>
    /// <param name="options">Every other option.</param>
    /// <param name="ignoreEnvironment">As text.</param>
    /// <param name="levelMin">As text.</param>
    /// <exception cref="ConfigurationException">Arguments were wrong; it holds all errors.</exception>
    public static JsonArguments Read(
        string place, string?[] flat, IConfigurationSection? options, string? ignoreEnvironment, string? levelMin)
    {
        var texts = new OptionTexts();
        foreach (var (name, text) in Flat.Zip(flat))
            if (text is not null) texts.Add($"{place}:{OptionNames.Camel(name)}", name, text);
        if (options is not null) texts.AddSection(options, Environment.ExpandEnvironmentVariables);
        var others = new Dictionary<string, string?>
        {
            [IgnoreEnvironment] = ignoreEnvironment,
            [RestrictedToMinimumLevel] = levelMin,
        };
        return Read(place, texts, others, []);
    }

    /// <summary>
    /// Looks at every call of the sinks that a configuration holds, so that all errors in it are told at once.
    /// </summary>
    /// <exception cref="ConfigurationException">Arguments were wrong.</exception>
    public static void Check(IConfiguration configuration)
    {
        var errors = new List<string>();
        foreach (var call in Calls(configuration))
        {
            try
            {
                Read(call.GetSection("Args"));
            }
            catch (ConfigurationException e)
            {
                errors.AddRange(e.Errors);
            }
        }
        if (errors.Count > 0) throw new ConfigurationException(errors);
    }

    /// <summary>The places that call this product's sinks, also within other sinks.</summary>
    public static IEnumerable<IConfigurationSection> Calls(IConfiguration configuration) =>
        Calls(configuration.GetChildren(), isSink: false);

    static void Read(IConfigurationSection arguments)
    {
        var texts = new OptionTexts();
        var others = new Dictionary<string, string?>();
        var unknown = new List<string>();
        foreach (var argument in arguments.GetChildren())
        {
            var name = argument.Key;
            // As Serilog's reader does, %NAME%.
            var text = argument.Value is { } value ? Environment.ExpandEnvironmentVariables(value) : null;
            if (Is(name, Group) && text is null) texts.AddSection(argument, Environment.ExpandEnvironmentVariables);
            else if (IsFlat(name) && text is not null) texts.Add(argument.Path, name, text);
            else if (Is(name, IgnoreEnvironment)) others[IgnoreEnvironment] = text;
            else if (Is(name, RestrictedToMinimumLevel)) others[RestrictedToMinimumLevel] = text;
            else if (!Is(name, LevelSwitch)) unknown.Add(OptionNames.Unknown($"{arguments.Path}:", name, Known, ':'));
        }
        Read(arguments.Path, texts, others, unknown);
    }

    static JsonArguments Read(string place, OptionTexts texts, Dictionary<string, string?> others, List<string> unknown)
    {
        var errors = new EnvironmentReader(others.GetValueOrDefault, name => $"{place}:{name}");
        foreach (var sentence in unknown) errors.Refuse(sentence);
        var ignores = errors.ReadSwitch(IgnoreEnvironment, byDefault: false);
        var levelMin = errors.ReadChoice(RestrictedToMinimumLevel, LevelAlias.Minimum);
        var options = SinkOptionsReader.FromTexts(texts, errors);
        errors.ThrowIfWrong();
        return new JsonArguments(options, ignores, levelMin);
    }

    static bool IsFlat(string name) => Flat.Contains(name, StringComparer.OrdinalIgnoreCase);

    static bool Is(string given, string name) => string.Equals(given, name, StringComparison.OrdinalIgnoreCase);

    static IEnumerable<IConfigurationSection> Calls(IEnumerable<IConfigurationSection> sections, bool isSink)
    {
        foreach (var section in sections)
        {
            if (isSink && section["Name"] == Method) yield return section;
            var below = isSink || section.Key.StartsWith("WriteTo", StringComparison.OrdinalIgnoreCase)
                || section.Key.StartsWith("AuditTo", StringComparison.OrdinalIgnoreCase);
            foreach (var call in Calls(section.GetChildren(), below)) yield return call;
        }
    }
}
