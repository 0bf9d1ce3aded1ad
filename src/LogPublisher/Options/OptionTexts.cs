using LogPipeline.Workflows.Configuration;
using Microsoft.Extensions.Configuration;

namespace LogPipeline.Publisher.Options;

/// <summary>
/// Options as texts under their names in code, as a configuration holds them: <c>Limits:BatchBytesMax</c> is the
/// option that <c>LOG_BATCH_BYTES_MAX</c> sets. Upper and lower case are the same, and an empty text counts as unset.
/// So everything that a variable can say JSON can say, and one reader knows both.
/// </summary>
sealed class OptionTexts
{
    static readonly string[] Known = [.. SinkOptionNames.All.Select(option => option.Name)];

    // By the option's name; for people, where each stands.
    readonly Dictionary<string, (string Shown, string Text)> _texts = new(StringComparer.OrdinalIgnoreCase);
    readonly List<string> _wrong = [];

    /// <summary>
    /// Of the names that were given: a sentence for each that is no option's, or that was given before.
    /// </summary>
    public IReadOnlyList<string> Wrong => _wrong;

    /// <summary>The text of the option that this variable sets.</summary>
    public string? Get(string variable) =>
        _texts.TryGetValue(SinkOptionNames.Of(variable), out var given) ? given.Text : null;

    /// <summary>Where the option stands that this variable sets.</summary>
    public string Shown(string variable) =>
        _texts.TryGetValue(SinkOptionNames.Of(variable), out var given) ? given.Shown : variable;

    /// <summary>Adds every text below a section.</summary>
    /// <param name="section">Where they stand.</param>
    /// <param name="read">What to make of a text; null: it is taken as it is.</param>
    public OptionTexts AddSection(IConfigurationSection section, Func<string, string>? read = null)
    {
        foreach (var (key, text) in section.AsEnumerable())
        {
            // What has no text of its own is a group.
            if (key == section.Path || text is null) continue;
            var name = key[(section.Path.Length + 1)..];
            Add(key, name.Replace(':', '.'), read is null ? text : read(text), $"{section.Path}:", name);
        }
        return this;
    }

    /// <summary>Adds one text.</summary>
    /// <param name="shown">Where it stands.</param>
    /// <param name="name">The option's name, if it is one's.</param>
    /// <param name="text">Its text.</param>
    public void Add(string shown, string name, string text) => Add(shown, name, text, "", shown);

    void Add(string shown, string name, string text, string place, string given)
    {
        if (!Known.Contains(name, StringComparer.OrdinalIgnoreCase))
            _wrong.Add(OptionNames.Unknown(place, given, Known, ':'));
        else if (text.Length > 0 && !_texts.TryAdd(name, (shown, text)))
            _wrong.Add($"{shown} is given as {_texts[name].Shown} too; give it once.");
    }
}
