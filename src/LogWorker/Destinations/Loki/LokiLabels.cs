using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Worker.Destinations.Loki;

/// <summary>
/// Which labels a record's stream has. Streams are the product of what labels can be, so only what has few values may
/// be one: the channel (a folder's name, of which there is a bounded number), level, source; and fixed ones.
/// </summary>
sealed class LokiLabels
{
    const string Advice =
        "use some of channel, level, source and service_name (the source), and name=value for fixed ones, with "
        + "commas between";
    const int CountMax = 15;

    static readonly string[] OfRecord = ["channel", "level", "service_name", "source"];

    readonly IReadOnlyList<(string Name, string? Value)> _labels;

    LokiLabels(IReadOnlyList<(string Name, string? Value)> labels) => _labels = labels;

    /// <summary>channel, level, service_name, source: those of promtail/promtail.yml.</summary>
    public static LokiLabels Default { get; } = new([.. OfRecord.Select(name => (name, (string?)null))]);

    public static LokiLabels Read(EnvironmentReader environment, string variable)
    {
        if (environment.ReadText(variable) is not { } text) return Default;
        var labels = new List<(string Name, string? Value)>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=');
            var (name, value) = equals < 0 ? (part, null) : (part[..equals].Trim(), part[(equals + 1)..].Trim());
            var isKnown = value is null ? OfRecord.Contains(name) : IsName(name) && value.Length > 0
                && !OfRecord.Contains(name);
            if (!isKnown || labels.Exists(label => label.Name == name))
            {
                environment.Refuse(variable, text, Advice);
                return Default;
            }
            labels.Add((name, value));
        }
        if (labels.Count <= CountMax) return new LokiLabels(labels);
        environment.Refuse(variable, text, $"use {CountMax} labels at most, which is what Loki takes");
        return Default;
    }

    /// <summary>The labels of a record's stream.</summary>
    public IEnumerable<(string Name, string Value)> Of(string folder, string level, string source)
    {
        foreach (var (name, value) in _labels)
            yield return (name, value ?? name switch { "channel" => folder, "level" => level, _ => source });
    }

    public override string ToString() =>
        string.Join(',', _labels.Select(label => label.Value is null ? label.Name : $"{label.Name}={label.Value}"));

    static bool IsName(string name) =>
        name.Length is > 0 and <= 100 && (char.IsAsciiLetter(name[0]) || name[0] == '_')
            && !name.StartsWith("__", StringComparison.Ordinal)
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
