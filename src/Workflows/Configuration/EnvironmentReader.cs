namespace LogPipeline.Workflows.Configuration;

/// <summary>
/// Reads options from environment variables and collects what is wrong, so that all errors are reported at once. An
/// empty variable counts as unset. Each <c>Read…</c> returns its default after an error; <see cref="ThrowIfWrong"/>
/// ends the reading.
/// </summary>
/// <param name="get">Where variables come from; null: the process's environment.</param>
/// <param name="nameOf">What an error calls a variable whose text is not from the environment; null: its name.</param>
public sealed class EnvironmentReader(Func<string, string?>? get = null, Func<string, string>? nameOf = null)
{
    readonly Func<string, string?> _get = get ?? Environment.GetEnvironmentVariable;
    readonly List<string> _errors = [];

    /// <summary>One sentence for each error: the variable, its value, and what would do.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <exception cref="ConfigurationException">Something was wrong; it holds all errors.</exception>
    public void ThrowIfWrong()
    {
        if (_errors.Count > 0) throw new ConfigurationException(_errors);
    }

    /// <summary>
    /// Adds an error of the caller's own, about a variable whose text it read itself. What may be a secret in the text
    /// is not repeated.
    /// </summary>
    public void Refuse(string variable, string given, string whatWouldDo) =>
        Refuse($"{nameOf?.Invoke(variable) ?? variable} was '{ShownValue.Of(variable, given)}'; {whatWouldDo}.");

    /// <summary>Adds an error of the caller's own, as a whole sentence.</summary>
    public void Refuse(string sentence) => _errors.Add(sentence);

    /// <summary>The text, or null when unset or empty.</summary>
    public string? ReadText(string variable) => _get(variable) is { Length: > 0 } text ? text : null;

    public string ReadText(string variable, string byDefault) => ReadText(variable) ?? byDefault;

    public int ReadCount(string variable, int byDefault, int min, int max)
    {
        if (ReadText(variable) is not { } text) return byDefault;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min
            && value <= max) return value;
        Refuse(variable, text, $"use a whole number from {min} to {max}");
        return byDefault;
    }

    /// <summary>A port; 0 is any that is free. Null: none is set.</summary>
    public int? ReadPort(string variable)
    {
        if (ReadText(variable) is not { } text) return null;
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return port;
        Refuse(variable, text, "use a port from 1 to 65535, 0 for any that is free, or off");
        return null;
    }

    /// <summary>
    /// Takes <c>1048576</c>, <c>512KiB</c>, <c>64MiB</c>, <c>1GiB</c>; KB, MB, GB count by thousands.
    /// </summary>
    public long ReadBytes(string variable, long byDefault, long min, long max)
    {
        if (ReadText(variable) is not { } text) return byDefault;
        if (OptionText.TryParseBytes(text, out var value) && value >= min && value <= max) return value;
        Refuse(variable, text,
            $"use a size from {OptionText.Bytes(min)} to {OptionText.Bytes(max)}, such as 1048576, 512KiB or 64MiB");
        return byDefault;
    }

    /// <summary>
    /// Takes <c>5</c> (seconds), <c>5s</c>, <c>500ms</c>, <c>2m</c>, <c>1h</c>, <c>7d</c>, <c>00:00:05</c>.
    /// </summary>
    public TimeSpan ReadDuration(string variable, TimeSpan byDefault, TimeSpan min, TimeSpan max)
    {
        if (ReadText(variable) is not { } text) return byDefault;
        if (OptionText.TryParseDuration(text, out var value) && value >= min && value <= max) return value;
        Refuse(variable, text,
            $"use a time from {OptionText.Duration(min)} to {OptionText.Duration(max)}, such as 5, 5s, 500ms or "
            + $"00:00:05");
        return byDefault;
    }

    /// <summary>Takes true, false, 1, 0, yes, no, on, off in any case.</summary>
    public bool ReadSwitch(string variable, bool byDefault)
    {
        if (ReadText(variable) is not { } text) return byDefault;
        switch (text.ToLowerInvariant())
        {
            case "true" or "1" or "yes" or "on": return true;
            case "false" or "0" or "no" or "off": return false;
            default:
                Refuse(variable, text, "use true or false");
                return byDefault;
        }
    }

    /// <summary>One of an enumeration's names, in any case.</summary>
    public T ReadChoice<T>(string variable, T byDefault) where T : struct, Enum
    {
        if (ReadText(variable) is not { } text) return byDefault;
        foreach (var name in Enum.GetNames<T>())
            if (string.Equals(name, text, StringComparison.OrdinalIgnoreCase)) return Enum.Parse<T>(name);
        Refuse(variable, text, $"use one of {string.Join(", ", Enum.GetNames<T>())}");
        return byDefault;
    }

    /// <summary>A host and a port, such as <c>localhost:7233</c> or <c>[::1]:7233</c>.</summary>
    public string ReadAddress(string variable, string byDefault)
    {
        if (ReadText(variable) is not { } text) return byDefault;
        if (OptionText.IsAddress(text)) return text;
        Refuse(variable, text, $"use HOST:PORT, such as {byDefault}");
        return byDefault;
    }
}
