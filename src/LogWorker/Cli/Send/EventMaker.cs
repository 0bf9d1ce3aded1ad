using Serilog.Events;
using Serilog.Parsing;

namespace LogPipeline.Worker.Cli.Send;

/// <summary>Makes an event of a line, or of several that belong together. Not for two threads.</summary>
/// <param name="level">Of lines that name none.</param>
/// <param name="timestamps">Where their time comes from.</param>
/// <param name="json">Lines that are JSON objects are events already.</param>
/// <param name="hasChannel">All go to one channel, whatever they say.</param>
sealed class EventMaker(LogEventLevel level, TimestampForm timestamps, bool json, bool hasChannel, TimeProvider time)
{
    readonly JsonEvent? _json = json ? new JsonEvent() : null;
    DateTimeOffset? _lastTime;

    /// <summary>Events without a time where one was asked for.</summary>
    public long WithoutTime { get; private set; }

    /// <summary>Events that are no JSON object where one was asked for.</summary>
    public long WithoutJson { get; private set; }

    public LogEvent Make(string text)
    {
        if (_json is null) return OfText(text, level, TimeOf(text));
        if (_json.Read(text, level, () => TimeOf(text)) is { } read)
        {
            _lastTime = read.Timestamp;
            if (hasChannel) KeepFromRouting(read);
            return read;
        }
        WithoutJson++;
        return OfText(text, level, TimeOf(text));
    }

    /// <summary>An event whose message is the text itself: braces in it are no placeholders.</summary>
    public static LogEvent OfText(string text, LogEventLevel level, DateTimeOffset time) =>
        new(time, level, null, Literally(text), []);

    public static MessageTemplate Literally(string text)
    {
        var template = text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
        return new MessageTemplate(template, [new TextToken(text)]);
    }

    static void KeepFromRouting(LogEvent read)
    {
        if (read.Properties.TryGetValue(RecordFields.Channel, out var value) && value is ScalarValue { Value: string own })
            read.AddOrUpdateProperty(new LogEventProperty(RecordFields.Channel, new ScalarValue(new PlainText(own))));
    }

    DateTimeOffset TimeOf(string text)
    {
        var now = time.GetUtcNow();
        if (timestamps == TimestampForm.Now) return now;
        if (Timestamps.TryRead(timestamps, text, now, time.LocalTimeZone, out var read))
        {
            _lastTime = read;
            return read;
        }
        WithoutTime++;
        return _lastTime ?? now;
    }

    /// <summary>A text that is no string, as only a string names a channel.</summary>
    sealed class PlainText(string text)
    {
        public override string ToString() => text;
    }
}
