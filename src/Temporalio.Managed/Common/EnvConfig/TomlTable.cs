namespace Temporalio.Common.EnvConfig;

/// <summary>Something in a TOML file that cannot be taken, and its line.</summary>
sealed class TomlException(int line, string message) : Exception(message)
{
    public int Line => line;
}

/// <summary>A table of a TOML file: keys with texts, booleans, other values (kept as their spelling) or further tables.</summary>
sealed class TomlTable(int line)
{
    readonly Dictionary<string, (object Value, int Line)> _entries = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Keys => _entries.Keys;

    /// <summary>Whether a header has opened the table; a second one is an error.</summary>
    public bool Opened { get; set; }

    public void Add(string key, object value, int at)
    {
        if (!_entries.TryAdd(key, (value, at)))
            throw new TomlException(at, $"'{key}' stands here a second time; the first is on line {_entries[key].Line}.");
    }

    /// <summary>The table of that key, made if there is none.</summary>
    public TomlTable Enter(string key, int at)
    {
        if (!_entries.TryGetValue(key, out var entry)) _entries[key] = entry = (new TomlTable(at), at);
        return entry.Value as TomlTable ?? throw new TomlException(at, $"'{key}' is a value on line {entry.Line}, so it cannot be a table.");
    }

    public int LineOf(string key) => _entries.TryGetValue(key, out var entry) ? entry.Line : line;

    public string? Text(string key) => Get<string>(key, "a text in quotes");

    public TomlTable? Table(string key) => Get<TomlTable>(key, "a table");

    public bool? Bool(string key) => _entries.TryGetValue(key, out var entry)
        ? entry.Value as bool? ?? throw new TomlException(entry.Line, $"'{key}' must be true or false.")
        : null;

    /// <exception cref="TomlException">There is another key.</exception>
    public void OnlyHas(params ReadOnlySpan<string> known)
    {
        foreach (var (key, entry) in _entries)
            if (!known.Contains(key))
                throw new TomlException(entry.Line, $"'{key}' is not known here; known are {string.Join(", ", known.ToArray())}.");
    }

    T? Get<T>(string key, string what)
        where T : class =>
        _entries.TryGetValue(key, out var entry)
            ? entry.Value as T ?? throw new TomlException(entry.Line, $"'{key}' must be {what}.")
            : null;
}

/// <summary>A value that configuration has no use for, such as a number: it may stand there, but not be asked for.</summary>
sealed record TomlOther(string Spelling);
