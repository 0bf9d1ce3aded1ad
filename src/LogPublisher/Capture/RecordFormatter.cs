using System.Globalization;
using System.Text;
using LogPipeline.Workflows;
using Serilog.Events;

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// Turns an event into a record on the thread that logs, so that nothing the application changes later shows in it:
/// <code>{"@t":…,"@mt":…,"@m":…,"@l":…,"@x":…,"@tr":…,"@sp":…,"level":…,"channel":…,"source":…,"instance":…,"seq":…, properties}</code>
/// <c>@m</c> is the rendered message and stands there whenever it differs from the template; with it in the line a reader
/// renders nothing, so <c>@r</c> is never written. <c>@l</c> is left out for Information.
/// An event that takes more than the record's room loses, in this order, its last properties, the end of its exception
/// and the end of its message; the field <c>truncated</c> says what was cut. Of the room, template, message and exception
/// take 7/8 at most, so that the fixed fields always fit (<see cref="TemporalSinkOptions.EventBytesMax"/> has a floor for that).
/// </summary>
sealed class RecordFormatter
{
    const int CutNamesMax = 10;
    const int CutRoom = 1024;
    const int ChannelLengthMax = PipelineDefaults.NameLengthMax;

    [ThreadStatic] static RecordBuffer? _ofThread;

    readonly CaptureLimits _limits;
    readonly string _defaultChannel;
    readonly byte[] _origin;
    long _failures;
    long _truncated;

    public RecordFormatter(string source, string instance, string defaultChannel, CaptureLimits limits)
    {
        _limits = limits;
        _defaultChannel = defaultChannel;
        _origin = Encoding.UTF8.GetBytes($",\"{RecordFields.Source}\":\"{source}\",\"{RecordFields.Instance}\":\"{instance}\",\"{RecordFields.Sequence}\":");
    }

    /// <summary>Events whose own code threw while they were rendered; each has a placeholder in its place.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Events that were cut.</summary>
    public long Truncated => Interlocked.Read(ref _truncated);

    public CapturedRecord Format(LogEvent logEvent)
    {
        var buffer = _ofThread ??= new RecordBuffer();
        try
        {
            return Format(logEvent, buffer);
        }
        // Properties and exceptions are the application's objects: whatever they throw, the event itself is kept.
        catch (Exception e)
        {
            Interlocked.Increment(ref _failures);
            return Placeholder(logEvent, buffer, e);
        }
    }

    CapturedRecord Format(LogEvent logEvent, RecordBuffer buffer)
    {
        var cuts = new Cuts();
        var room = _limits.RecordBytesMax - CutRoom - _origin.Length;
        buffer.Clear(room);
        Begin(buffer, logEvent);

        var properties = Trimmed(logEvent, ref cuts);
        var template = logEvent.MessageTemplate.Text;
        var message = Render(logEvent, properties, room, out var messageLength);
        var differs = messageLength != template.Length || message != template;
        buffer.Raw(",\"@mt\":"u8);
        if (!buffer.Text(template, bytesMax: differs ? room / 8 : room * 5 / 8)) cuts.Add("@mt", template.Length);
        if (differs)
        {
            buffer.Raw(",\"@m\":"u8);
            if (!buffer.Text(message, bytesMax: room / 2) || message.Length < messageLength) cuts.Add("@m", messageLength);
        }
        Level(buffer, logEvent);
        if (logEvent.Exception is { } exception) Exception(buffer, exception, room / 4, ref cuts);
        Trace(buffer, logEvent);
        var channel = ChannelOf(logEvent, out var channelProperty);
        var sequenceAt = Origin(buffer, logEvent, channel);
        foreach (var (name, value) in properties)
            if (name != channelProperty) Property(buffer, name, value, ref cuts);
        buffer.SetLimit(_limits.RecordBytesMax);
        if (cuts.Any) Interlocked.Increment(ref _truncated);
        cuts.WriteTo(buffer);
        return End(buffer, sequenceAt, logEvent, channel);
    }

    CapturedRecord Placeholder(LogEvent logEvent, RecordBuffer buffer, Exception e)
    {
        buffer.Clear(_limits.RecordBytesMax);
        Begin(buffer, logEvent);
        buffer.Raw(",\"@mt\":"u8);
        buffer.Text(logEvent.MessageTemplate.Text, bytesMax: _limits.RecordBytesMax / 2);
        buffer.Raw(",\"@m\":"u8);
        buffer.Text(ValueWriter.Placeholder(e));
        Level(buffer, logEvent);
        var sequenceAt = Origin(buffer, logEvent, _defaultChannel);
        return End(buffer, sequenceAt, logEvent, _defaultChannel);
    }

    static void Begin(RecordBuffer buffer, LogEvent logEvent)
    {
        buffer.Raw("{\"@t\":\""u8);
        buffer.Number(logEvent.Timestamp.UtcDateTime, "O");
        buffer.Raw("\""u8);
    }

    IReadOnlyDictionary<string, LogEventPropertyValue> Trimmed(LogEvent logEvent, ref Cuts cuts)
    {
        Dictionary<string, LogEventPropertyValue>? changed = null;
        foreach (var (name, value) in logEvent.Properties)
        {
            var trimmed = ValueTrimmer.Trim(value, _limits);
            if (ReferenceEquals(trimmed, value)) continue;
            (changed ??= new(logEvent.Properties))[name] = trimmed;
            cuts.Add(name, null);
        }
        return changed ?? logEvent.Properties;
    }

    string Render(LogEvent logEvent, IReadOnlyDictionary<string, LogEventPropertyValue> properties, int lengthMax, out long length)
    {
        var text = new BoundedTextWriter(lengthMax);
        try
        {
            logEvent.MessageTemplate.Render(properties, text, CultureInfo.InvariantCulture);
        }
        // As in Format; the properties are still worth writing, so the placeholder takes the message's place only.
        catch (Exception e)
        {
            Interlocked.Increment(ref _failures);
            text = new BoundedTextWriter(lengthMax);
            text.Write($"{ValueWriter.Placeholder(e)} {logEvent.MessageTemplate.Text}");
        }
        length = text.Length;
        return text.ToString();
    }

    static void Level(RecordBuffer buffer, LogEvent logEvent)
    {
        if (logEvent.Level == LogEventLevel.Information) return;
        buffer.Raw(",\"@l\":"u8);
        buffer.Text(logEvent.Level.ToString());
    }

    static void Exception(RecordBuffer buffer, Exception exception, int bytesMax, ref Cuts cuts)
    {
        var text = ValueWriter.TextOf(exception);
        buffer.Raw(",\"@x\":"u8);
        if (!buffer.Text(text, bytesMax: bytesMax)) cuts.Add("@x", text.Length);
    }

    static void Trace(RecordBuffer buffer, LogEvent logEvent)
    {
        if (logEvent.TraceId is { } trace)
        {
            buffer.Raw(",\"@tr\":"u8);
            buffer.Text(trace.ToHexString());
        }
        if (logEvent.SpanId is { } span)
        {
            buffer.Raw(",\"@sp\":"u8);
            buffer.Text(span.ToHexString());
        }
    }

    int Origin(RecordBuffer buffer, LogEvent logEvent, string channel)
    {
        buffer.Raw(",\"level\":"u8);
        buffer.Text(LevelNames.Of(logEvent.Level));
        buffer.Raw(",\"channel\":"u8);
        buffer.Text(channel);
        buffer.Raw(_origin);
        return buffer.Length;
    }

    string ChannelOf(LogEvent logEvent, out string? property)
    {
        foreach (var name in (ReadOnlySpan<string>)[RecordFields.Channel, "Channel"])
            if (logEvent.Properties.TryGetValue(name, out var value) && value is ScalarValue { Value: string { Length: > 0 and <= ChannelLengthMax } channel })
            {
                property = name;
                return channel;
            }
        property = null;
        return _defaultChannel;
    }

    void Property(RecordBuffer buffer, string name, LogEventPropertyValue value, ref Cuts cuts)
    {
        var start = buffer.Length;
        buffer.Raw(","u8);
        buffer.Text(FieldNames.Of(name));
        buffer.Raw(":"u8);
        var whole = ValueWriter.Write(buffer, value, _limits);
        if (buffer.IsFull)
        {
            buffer.ReturnTo(start);
            cuts.Add(name, null);
        }
        else if (!whole)
        {
            cuts.Add(name, value is ScalarValue { Value: string text } ? text.Length : null);
        }
    }

    static CapturedRecord End(RecordBuffer buffer, int sequenceAt, LogEvent logEvent, string channel)
    {
        buffer.Raw("}"u8);
        return new CapturedRecord(buffer.Written.ToArray(), sequenceAt, logEvent.Timestamp, logEvent.Level, channel);
    }

    /// <summary>What was shortened or left out: the first few names, with the original length where it is known.</summary>
    struct Cuts
    {
        List<(string Name, long? Length)>? _cuts;

        public readonly bool Any => _cuts is not null;

        public void Add(string name, long? length)
        {
            _cuts ??= [];
            if (_cuts.Count < CutNamesMax && !_cuts.Exists(cut => cut.Name == name)) _cuts.Add((name, length));
        }

        public readonly void WriteTo(RecordBuffer buffer)
        {
            if (_cuts is null) return;
            buffer.Raw(",\"truncated\":{"u8);
            for (var i = 0; i < _cuts.Count; i++)
            {
                if (i > 0) buffer.Raw(","u8);
                buffer.Text(_cuts[i].Name, bytesMax: 64);
                buffer.Raw(":"u8);
                if (_cuts[i].Length is { } length) buffer.Number(length);
                else buffer.Raw("true"u8);
            }
            buffer.Raw("}"u8);
        }
    }
}
