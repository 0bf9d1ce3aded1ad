using System.Diagnostics.CodeAnalysis;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Channels;

/// <summary>
/// A log file, relative to the log directory: <c>&lt;channel&gt;/&lt;yyyy-MM-dd&gt;.&lt;nnn&gt;.clef</c>, or
/// <c>.json</c> or <c>.log</c>, by format. The day is the UTC day on which the worker wrote the file's first line by
/// its own clock, not the day of the events in it: an event that arrives late goes behind the others, so that files
/// only ever grow at the newest one's end. Numbers count from 1 in each day, whatever the format.
/// </summary>
readonly record struct LogFileName(ChannelName Channel, DateOnly Day, int Number, LogFormat Format = LogFormat.Clef)
    : IComparable<LogFileName>
{
    const string Compressed = ".gz";
    const string Unfinished = ".tmp";

    /// <summary>The name within the channel's directory.</summary>
    public string FileName =>
        string.Create(CultureInfo.InvariantCulture, $"{Day:yyyy-MM-dd}.{Number:d3}{Format.Extension()}");

    /// <summary>
    /// What it is called once it is compressed: nothing that a shipper's pattern <c>*.clef</c> takes.
    /// </summary>
    public string CompressedName => FileName + Compressed;

    /// <summary>What that is called while it is being made.</summary>
    public string UnfinishedName => CompressedName + Unfinished;

    public LogFileName Next => this with { Number = Number + 1 };

    public override string ToString() => $"{Channel}/{FileName}";

    public static bool TryParse([NotNullWhen(true)] string? text, out LogFileName name)
    {
        name = default;
        var slash = text?.IndexOf('/') ?? -1;
        return slash > 0 && ChannelName.TryParse(text![..slash], out var channel)
            && TryParse(channel, text[(slash + 1)..], out name);
    }

    public static bool TryParse(ChannelName channel, string fileName, out LogFileName name)
    {
        name = default;
        if (!LogFormatNames.TryParse(fileName, out var format)) return false;
        var extension = format.Extension();
        if (fileName.Length < "yyyy-MM-dd.nnn".Length + extension.Length || fileName[10] != '.') return false;
        if (!DateOnly.TryParseExact(fileName.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture,
            DateTimeStyles.None, out var day)) return false;
        if (!int.TryParse(fileName.AsSpan(11, fileName.Length - 11 - extension.Length), NumberStyles.None,
            CultureInfo.InvariantCulture, out var number)) return false;
        name = new LogFileName(channel, day, number, format);
        return number > 0 && name.FileName == fileName;
    }

    /// <summary>The log file that a compressed one holds.</summary>
    public static bool TryParseCompressed(ChannelName channel, string fileName, out LogFileName name)
    {
        name = default;
        return fileName.EndsWith(Compressed, StringComparison.Ordinal)
            && TryParse(channel, fileName[..^Compressed.Length], out name);
    }

    /// <summary>The log file of a compressed one that was begun.</summary>
    public static bool TryParseUnfinished(ChannelName channel, string fileName, out LogFileName name)
    {
        name = default;
        return fileName.EndsWith(Unfinished, StringComparison.Ordinal)
            && TryParseCompressed(channel, fileName[..^Unfinished.Length], out name);
    }

    /// <summary>Order within a channel.</summary>
    public int CompareTo(LogFileName other) => (Day, Number, Format).CompareTo((other.Day, other.Number, other.Format));
}
