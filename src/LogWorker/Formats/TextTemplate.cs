using System.Globalization;

namespace LogPipeline.Worker.Formats;

/// <summary>
/// What a line of text holds, as Serilog's output templates say it: <c>{Name}</c>, <c>{Name:format}</c>,
/// <c>{Name,width:format}</c>, doubled braces for one, all else as it stands.
/// </summary>
sealed class TextTemplate
{
    public const string DefaultText = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} [{Level:u3}] {Message:lj}{NewLine}{Exception}";

    const int PartsMax = 100;
    const int WidthMax = 1_000;

    TextTemplate(IReadOnlyList<TemplatePart> parts) => Parts = parts;

    public static TextTemplate Default { get; } = Parse(DefaultText);

    public IReadOnlyList<TemplatePart> Parts { get; }

    /// <exception cref="FormatException">It is no template; the message says what would do.</exception>
    public static TextTemplate Parse(string text)
    {
        var parts = new List<TemplatePart>();
        var literal = new System.Text.StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var isDoubled = i + 1 < text.Length && text[i + 1] == c;
            if (c is not ('{' or '}') || isDoubled)
            {
                literal.Append(c);
                if (c is '{' or '}') i++;
                continue;
            }
            var end = c == '{' ? text.IndexOf('}', i) : -1;
            if (end < 0) throw new FormatException(c == '{' ? "close each '{' with '}', or write '{{' for a brace" : "write '}}' for a brace");
            if (literal.Length > 0) parts.Add(new TemplatePart(null, literal.ToString(), 0));
            literal.Clear();
            parts.Add(PartOf(text[(i + 1)..end]));
            i = end;
        }
        if (literal.Length > 0) parts.Add(new TemplatePart(null, literal.ToString(), 0));
        if (parts.Count is 0 or > PartsMax) throw new FormatException($"use 1 to {PartsMax} parts");
        return new TextTemplate(parts);
    }

    static TemplatePart PartOf(string hole)
    {
        var colon = hole.IndexOf(':');
        var format = colon < 0 ? null : hole[(colon + 1)..];
        var head = colon < 0 ? hole : hole[..colon];
        var comma = head.IndexOf(',');
        var width = 0;
        if (comma >= 0 && (!int.TryParse(head.AsSpan(comma + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out width) || Math.Abs(width) > WidthMax))
            throw new FormatException($"use a width up to {WidthMax} in '{{{hole}}}', such as {{Level,-7}}");
        var name = comma < 0 ? head : head[..comma];
        if (name.Length == 0 || name.AsSpan().ContainsAny(" \t\r\n{\"")) throw new FormatException($"name a property in '{{{hole}}}'");
        if (name == "Level" && format is not null && !RecordLevels.IsFormat(format)) throw new FormatException($"use u, w or t and a number in '{{{hole}}}', such as {{Level:u3}}");
        if (name == "Timestamp") Try(hole, format);
        return new TemplatePart(name, format, width);
    }

    static void Try(string hole, string? format)
    {
        try
        {
            _ = DateTimeOffset.UnixEpoch.ToString(format, CultureInfo.InvariantCulture);
        }
        catch (FormatException)
        {
            throw new FormatException($"use a format of .NET's dates in '{{{hole}}}', such as {{Timestamp:yyyy-MM-dd HH:mm:ss.fff}}");
        }
    }
}

/// <param name="Name">The property; null: a literal.</param>
/// <param name="Text">The literal, or the property's format.</param>
/// <param name="Width">At least so many characters: to the right, or, negative, to the left; 0: any.</param>
readonly record struct TemplatePart(string? Name, string? Text, int Width);
