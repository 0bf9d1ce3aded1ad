using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Formats;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace LogPipeline.Worker.Web.Tail;

/// <summary>Which lines a reader wants: all that is given has to hold.</summary>
sealed record TailFilter
{
    public const int LastDefault = 100;
    public const int LastMax = 1000;
    const int TextLengthMax = 200;

    /// <summary>How many of those that are written already.</summary>
    public int Last { get; init; } = LastDefault;

    /// <summary>Folders' names; none: all.</summary>
    public IReadOnlySet<string> Channels { get; init; } = new HashSet<string>();

    /// <summary>The least one; lines without a level are shown too. Null: any.</summary>
    public RecordLevel? LevelMin { get; init; }

    /// <summary>In any case, anywhere in the line; null: any.</summary>
    public string? Text { get; init; }

    public string? Source { get; init; }

    /// <returns>The filter, or what is wrong with the query.</returns>
    public static (TailFilter? Filter, string? Problem) Read(IQueryCollection query)
    {
        var filter = new TailFilter();
        foreach (var (name, values) in query)
        {
            var value = ((string?)values ?? "").Trim();
            if (value.Length == 0) continue;
            if (value.Length > TextLengthMax)
                return (null, $"'{QueryText.Shown(name)}' has {value.Length} characters; use {TextLengthMax} at most.");
            switch (name)
            {
                case "last" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last <= LastMax:
                    filter = filter with { Last = last };
                    break;
                case "last": return (null, $"'last' was '{QueryText.Shown(value)}'; use 0 to {LastMax}.");
                case "channel": filter = filter with { Channels = Folders(values) }; break;
                case "level" when RecordLevels.Parse(value) is { } level: filter = filter with { LevelMin = level }; break;
                case "level": return (null, $"'level' was '{QueryText.Shown(value)}'; use trace, debug, info, warning, error or fatal.");
                case "text": filter = filter with { Text = value }; break;
                case "source": filter = filter with { Source = value }; break;
                default: return (null, $"'{QueryText.Shown(name)}' is not known; use last, channel, level, text or source.");
            }
        }
        return (filter, null);
    }

    public bool Takes(TailLine line)
    {
        if (Channels.Count > 0 && !Channels.Contains(line.Channel)) return false;
        if ((LevelMin is not null || Source is not null) && !TakesFields(line)) return false;
        return Text is null || Encoding.UTF8.GetString(line.Bytes.Span).Contains(Text, StringComparison.OrdinalIgnoreCase);
    }

    // A text line has no fields to compare: it is shown unless one is asked for by name.
    bool TakesFields(TailLine line)
    {
        if (line.Format == LogFormat.Text) return Source is null;
        var (isOfSource, level) = (Source is null, (RecordLevel?)null);
        var reader = RecordJson.CreateReader(line.Bytes.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isLevel = RecordJson.TextEquals(ref reader, "level"u8);
            var isSource = RecordJson.TextEquals(ref reader, "source"u8);
            reader.Read();
            if (isLevel && reader.TokenType == JsonTokenType.String) level ??= RecordLevels.Parse(RecordJson.GetText(ref reader));
            if (isSource && reader.TokenType == JsonTokenType.String) isOfSource |= RecordJson.GetText(ref reader) == Source;
            reader.Skip();
        }
        return isOfSource && (level is null || LevelMin is null || level >= LevelMin);
    }

    static HashSet<string> Folders(StringValues values) =>
        [.. ((string?)values ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(name => ChannelName.Of(name).ToString())];
}
