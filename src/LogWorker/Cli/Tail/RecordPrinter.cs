using System.Text.Encodings.Web;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Cli.Tail;

/// <summary>How records are shown.</summary>
enum TailForm
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One array of JSON objects.</summary>
    Json,

    /// <summary>A JSON object a line, as in the file.</summary>
    Jsonl,
}

/// <summary>Writes records as people or programs read them. Nothing of a record steers a terminal.</summary>
/// <param name="channels">Several that are looked at, so that each record is shown with its own; null: it is one.</param>
sealed class RecordPrinter(LineOutput output, TailForm form, IEnumerable<ChannelName>? channels)
{
    const int ChannelWidthMax = 16;
    const string Indent = "    ";

    readonly StringBuilder _line = new();
    DateOnly? _day;
    int _width = Math.Min(channels?.Select(channel => channel.Readable.Length).DefaultIfEmpty().Max() ?? 0, ChannelWidthMax);
    bool _hasRecords;

    public void Begin()
    {
        if (form == TailForm.Json) output.Write("[");
    }

    public void Write(TailedRecord record)
    {
        _line.Clear();
        if (form == TailForm.Text) Show(record);
        else
        {
            if (form == TailForm.Json) _line.Append(_hasRecords ? ",\n" : "\n");
            AppendJson(record);
            if (form == TailForm.Jsonl) _line.Append('\n');
        }
        _hasRecords = true;
        output.Write(_line.ToString());
    }

    public void End()
    {
        if (form == TailForm.Json) output.Write(_hasRecords ? "\n]\n" : "]\n");
        output.Flush();
    }

    // Without the date on a terminal, which is told when it changes: lines are long, and terminals narrow.
    void Show(TailedRecord record)
    {
        var text = RecordText.Of(record);
        var (name, colour) = NameOf(record.Head.Level);
        if (record.Format != LogFormat.Text)
        {
            if (record.Head.Time is { } time) ShowTime(time.UtcDateTime);
            AppendColoured(name, colour);
            _line.Append(' ');
        }
        if (channels is not null)
        {
            var channel = record.Channel.Readable;
            _width = Math.Max(_width, Math.Min(channel.Length, ChannelWidthMax));
            AppendColoured(channel.PadRight(_width), Cyan);
            _line.Append(' ');
        }
        if (text.Source is { } source)
        {
            AppendColoured(HarmlessWriter.Harmless(source), Grey);
            _line.Append("  ");
        }
        AppendLines(text.Message, record.Head.Level >= RecordLevel.Warning || record.Head.Level < RecordLevel.Info ? colour : null, "");
        if (text.Exception is { } exception) AppendLines(exception, Grey, Indent);
    }

    void ShowTime(DateTime time)
    {
        if (!output.IsTerminal)
        {
            _line.Append(CultureInfo.InvariantCulture, $"{time:yyyy-MM-dd HH:mm:ss.fff}Z ");
            return;
        }
        var day = DateOnly.FromDateTime(time);
        if (day != _day) AppendColoured($"{day:yyyy-MM-dd}, UTC", Grey).Append('\n');
        _day = day;
        AppendColoured($"{time:HH:mm:ss.fff}", Grey).Append(' ');
    }

    // A message's own lines are set in, so that none looks like a record.
    void AppendLines(string text, string? colour, string indent)
    {
        foreach (var line in text.TrimEnd('\r', '\n').Split('\n'))
        {
            AppendColoured(indent + HarmlessWriter.Harmless(line.TrimEnd('\r').Replace("\t", "    ", StringComparison.Ordinal)), colour)
                .Append('\n');
            indent = Indent;
        }
    }

    StringBuilder AppendColoured(string text, string? colour) =>
        output.HasColours && colour is not null ? _line.Append("\e[").Append(colour).Append('m').Append(text).Append("\e[0m")
            : _line.Append(text);

    const string Grey = "90";
    const string Cyan = "36";

    static (string Name, string? Colour) NameOf(RecordLevel? level) => level switch
    {
        RecordLevel.Trace => ("VRB", Grey),
        RecordLevel.Debug => ("DBG", Grey),
        RecordLevel.Info => ("INF", "32"),
        RecordLevel.Warning => ("WRN", "33"),
        RecordLevel.Error => ("ERR", "31"),
        RecordLevel.Fatal => ("FTL", "1;31"),
        _ => ("???", Grey),
    };

    void AppendJson(TailedRecord record)
    {
        var text = Encoding.UTF8.GetString(record.Lines);
        var isObject = record.Format != LogFormat.Text && RecordJson.IsObject(record.Lines);
        if (!isObject)
        {
            var escaped = JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
            text = $$"""{"{{RecordFields.Channel}}":"{{record.Channel}}","text":"{{escaped}}"}""";
        }
        foreach (var c in text)
        {
            // Outside of its texts JSON has only blanks of ASCII.
            if (!HarmlessWriter.Steers(c)) _line.Append(c);
            else if (char.IsAscii(c) && c < ' ') _line.Append(' ');
            else _line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
    }
}
