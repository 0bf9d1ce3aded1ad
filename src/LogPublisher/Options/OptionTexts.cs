namespace LogPipeline.Publisher.Options;

/// <summary>
/// Options as texts under their names in code: <c>BufferSize</c> is the option that <c>LOG_BUFFER_SIZE</c> sets. Upper and
/// lower case are the same. So everything that a variable can say JSON can say, and one reader knows both.
/// </summary>
/// <param name="place">Where they stand, for errors: <c>LogPublisher</c>.</param>
/// <param name="texts">What is given; an empty text counts as unset.</param>
sealed class OptionTexts(string place, IEnumerable<KeyValuePair<string, string?>> texts)
{
    readonly Dictionary<string, string?> _texts = new(texts, StringComparer.OrdinalIgnoreCase);
    readonly SortedSet<string> _asked = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The text of the option that this variable sets.</summary>
    public string? Get(string variable)
    {
        var name = NameOf(variable);
        _asked.Add(name);
        return _texts.GetValueOrDefault(name);
    }

    public string Shown(string variable) => $"{place}:{NameOf(variable)}";

    /// <summary>A sentence for each name that nobody has asked for; to be called after the reading.</summary>
    public IEnumerable<string> Unknown() =>
        from name in _texts.Keys where !_asked.Contains(name) select OptionNames.Unknown($"{place}:{name}", name, _asked);

    static string NameOf(string variable) =>
        string.Concat(variable.Split('_').Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..].ToLowerInvariant()));
}
