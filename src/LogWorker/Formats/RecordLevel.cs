using System.Diagnostics.CodeAnalysis;

namespace LogPipeline.Worker.Formats;

/// <summary>A record's level, in their order.</summary>
enum RecordLevel
{
    Trace,
    Debug,
    Info,
    Warning,
    Error,
    Fatal,
}

/// <summary>The names of levels: Loki's, which a record's field <c>level</c> has, and Serilog's, which <c>@l</c> has.</summary>
static class RecordLevels
{
    static readonly string[] OfSerilog = ["Verbose", "Debug", "Information", "Warning", "Error", "Fatal"];
    static readonly string[] OfLoki = ["trace", "debug", "info", "warning", "error", "fatal"];

    // Serilog's own abbreviations, one to four letters.
    static readonly string[][] Abbreviations =
    [
        ["V", "Vb", "Vrb", "Verb"], ["D", "De", "Dbg", "Dbug"], ["I", "In", "Inf", "Info"],
        ["W", "Wn", "Wrn", "Warn"], ["E", "Er", "Err", "Eror"], ["F", "Fa", "Ftl", "Fatl"],
    ];

    /// <summary>Either name, in any case; null: neither.</summary>
    public static RecordLevel? Parse(string? text)
    {
        if (text is null) return null;
        for (var i = 0; i < OfLoki.Length; i++)
            if (text.Equals(OfLoki[i], StringComparison.OrdinalIgnoreCase) || text.Equals(OfSerilog[i], StringComparison.OrdinalIgnoreCase)) return (RecordLevel)i;
        return null;
    }

    public static string LokiName(this RecordLevel level) => OfLoki[(int)level];

    /// <summary>
    /// As Serilog's output templates show it: <c>u</c> in capitals, <c>w</c> in small letters, <c>t</c> as it is, with a
    /// number behind it in so many letters; without a format the whole name.
    /// </summary>
    public static string Shown(this RecordLevel level, string? format)
    {
        var name = OfSerilog[(int)level];
        if (!IsFormat(format)) return name;
        if (format.Length > 1)
        {
            var width = int.Parse(format.AsSpan(1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture);
            name = width is > 0 and <= 4 ? Abbreviations[(int)level][width - 1] : name[..Math.Min(width, name.Length)];
        }
        return format[0] switch { 'u' => name.ToUpperInvariant(), 'w' => name.ToLowerInvariant(), _ => name };
    }

    public static bool IsFormat([NotNullWhen(true)] string? format) =>
        format is { Length: 1 or 2 } && format[0] is 'u' or 'w' or 't' && (format.Length == 1 || format[1] is >= '1' and <= '9');
}
