using Scratch = (
    LogPipeline.Publisher.Capture.RecordBuffer Buffer, LogPipeline.Publisher.Capture.MessageText Message,
    LogPipeline.Publisher.Capture.RenderNotes Notes);

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// Turns an event into a record:
/// <code>{"@t":…,"@mt":…,"@m":…,"@l":…,"@x":…,"@tr":…,"@sp":…,"level":…,"channel":…,"source":…,"instance":…,"seq":…,
/// properties}</code> <c>@m</c> is the rendered message and stands there whenever it differs from the template; with
/// it in the line a reader renders nothing, so <c>@r</c> is never written. <c>@l</c> is left out for Information.
/// Secrets are replaced on the way. An event that takes more than the record's room loses, in this order, its last
/// properties, the end of its exception and the end of its message; the field <c>truncated</c> says what was cut. Of
/// the room, template, message and exception take 7/8 at most, so that the fixed fields always fit (<see
/// cref="LimitOptions.EventBytesMax"/> has a floor for that).
/// </summary>
sealed class RecordFormatter
{
    const int AttemptsMax = 3;
    const int CutRoom = 1024;
    const int ChannelLengthMax = PipelineDefaults.NameLengthMax;

    // The memory in which one thread renders all its events.
    [ThreadStatic] static Scratch? _ofThread;

    readonly CaptureContext _context;
    readonly RecordOrigin _origin;
    long _failures;
    long _truncated;
    long _redacted;

    /// <param name="instance">This start of the application, which the options name.</param>
    public RecordFormatter(CaptureContext context, string instance)
        : this(context, new RecordOrigin(context.Options.Source!, instance, context.Options.Channel))
    {
    }

    RecordFormatter(CaptureContext context, RecordOrigin origin) => (_context, _origin) = (context, origin);

    public CaptureContext Context => _context;

    /// <summary>Events whose own code threw while they were rendered; each has a placeholder in its place.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Events that were cut.</summary>
    public long Truncated => Interlocked.Read(ref _truncated);

    /// <summary>Events of which something was replaced because it is a secret.</summary>
    public long Redacted => Interlocked.Read(ref _redacted);

    /// <summary>The record, rendered now, or later where that makes no difference and is allowed.</summary>
    public CapturedRecord Capture(LogEvent logEvent) =>
        _context.MayDefer(logEvent, out var bytes)
            ? new CapturedRecord(logEvent, this, bytes) : Format(logEvent);

    /// <summary>One that makes the same records for another start of an application, or another application.</summary>
    public RecordFormatter For(string source, string instance) =>
        source == _origin.Source && instance == _origin.Instance
            ? this : new RecordFormatter(_context, new RecordOrigin(source, instance, _origin.DefaultChannel));

    public CapturedRecord Format(LogEvent logEvent) => Format(logEvent, _origin.DefaultChannel, isRepeat: false);

    /// <param name="defaultChannel">Where the event goes if it does not say so itself.</param>
    /// <param name="isRepeat">It was rendered before, so it is in the counters already.</param>
    public CapturedRecord Format(LogEvent logEvent, string defaultChannel, bool isRepeat)
    {
        var bytes = Render(logEvent, defaultChannel, isRepeat, out var sequenceAt, out var channel);
        return new CapturedRecord(bytes, sequenceAt, logEvent.Timestamp, logEvent.Level, channel);
    }

    /// <returns>The record but for its number, and where that belongs.</returns>
    public byte[] Render(LogEvent logEvent, out int sequenceAt, out string channel) =>
        Render(logEvent, _origin.DefaultChannel, isRepeat: false, out sequenceAt, out channel);

    byte[] Render(LogEvent logEvent, string defaultChannel, bool isRepeat, out int sequenceAt, out string channel)
    {
        var scratch = _ofThread ??= (new RecordBuffer(), new MessageText(), new RenderNotes());
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Render(logEvent, scratch, defaultChannel, isRepeat, out sequenceAt, out channel);
            }
            // A sink behind this one may add a property to the event while it is rendered; that is done in no time.
            catch (InvalidOperationException) when (attempt < AttemptsMax)
            {
            }
            // Properties and exceptions are the application's objects: whatever they throw, the event itself is kept.
            catch (Exception e)
            {
                if (!isRepeat) Interlocked.Increment(ref _failures);
                channel = defaultChannel;
                return Placeholder(logEvent, scratch.Buffer, e, channel, out sequenceAt);
            }
        }
    }

    byte[] Render(LogEvent logEvent, Scratch scratch, string defaultChannel, bool isRepeat, out int sequenceAt,
        out string channel)
    {
        var buffer = scratch.Buffer;
        var notes = scratch.Notes;
        notes.Clear();
        var room = _context.Options.Limits.EventBytesMax - CutRoom - _origin.StartBytes;
        buffer.Clear(room);
        Begin(buffer, logEvent);

        var plan = _context.PlanOf(logEvent.MessageTemplate);
        notes.Redacted = plan.IsRedacted;
        var message = plan.IsConstant ? plan.Text : new MessageRenderer(scratch.Message, _context, notes)
            .Render(plan, logEvent, room);
        var differs = !message.SequenceEqual(plan.Text);
        if (plan.Utf8 is not null && plan.Utf8.Length < room / 8) buffer.Raw(plan.Utf8);
        else Template(buffer, plan, differs ? room / 8 : room * 5 / 8, notes);
        if (differs)
        {
            buffer.Raw(",\"@m\":"u8);
            if (!buffer.Text(message, bytesMax: room / 2) || scratch.Message.IsFull)
                notes.AddCut("@m", scratch.Message.IsCounted ? scratch.Message.Length : null);
        }
        RecordOrigin.Level(buffer, logEvent.Level);
        if (logEvent.Exception is { } exception)
            ExceptionText.Write(buffer, exception, room / 4, _context.Redactor, notes);
        Trace(buffer, logEvent);
        var routed = plan.HasChannelHole ? null : ChannelOf(logEvent, notes);
        channel = routed ?? defaultChannel;
        _origin.WriteTo(buffer, logEvent.Level, channel);
        sequenceAt = buffer.Length;

        var values = new ValueWriter(buffer, _context, notes);
        // The type that Serilog has: enumerating it allocates nothing.
        if (logEvent.Properties is Dictionary<string, LogEventPropertyValue> properties)
        {
            foreach (var (name, value) in properties)
                if (routed is null || name != RecordFields.Channel) values.Field(name, value, plan.SecrecyOf(name));
        }
        else
        {
            foreach (var (name, value) in logEvent.Properties)
                if (routed is null || name != RecordFields.Channel) values.Field(name, value, plan.SecrecyOf(name));
        }
        buffer.SetLimit(_context.Options.Limits.EventBytesMax);
        notes.WriteCuts(buffer);
        buffer.Raw("}"u8);
        if (!isRepeat) Count(notes);
        return buffer.Written.ToArray();
    }

    void Count(RenderNotes notes)
    {
        if (notes.Truncated) Interlocked.Increment(ref _truncated);
        if (notes.Redacted) Interlocked.Increment(ref _redacted);
        if (notes.Failed) Interlocked.Increment(ref _failures);
    }

    /// <summary>
    /// For an event that could not be rendered at all: nothing of it that could be a secret is shown.
    /// </summary>
    byte[] Placeholder(LogEvent logEvent, RecordBuffer buffer, Exception e, string channel, out int sequenceAt)
    {
        buffer.Clear(_context.Options.Limits.EventBytesMax);
        Begin(buffer, logEvent);
        buffer.Raw(",\"@mt\":"u8);
        buffer.Text(RuntimeTypes.Placeholder(e));
        RecordOrigin.Level(buffer, logEvent.Level);
        _origin.WriteTo(buffer, logEvent.Level, channel);
        sequenceAt = buffer.Length;
        buffer.Raw("}"u8);
        return buffer.Written.ToArray();
    }

    static void Begin(RecordBuffer buffer, LogEvent logEvent)
    {
        buffer.Raw("{\"@t\":\""u8);
        buffer.Number(logEvent.Timestamp.UtcDateTime, "O");
        buffer.Raw("\""u8);
    }

    static void Template(RecordBuffer buffer, TemplatePlan plan, int bytesMax, RenderNotes notes)
    {
        buffer.Raw(",\"@mt\":"u8);
        if (!buffer.Text(plan.Text, bytesMax: bytesMax)) notes.AddCut("@mt", plan.Text.Length);
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

    /// <summary>What an application sets with <c>ForContext</c> or an enricher; null: it sets none, or none that can
    /// be one.</summary>
    string? ChannelOf(LogEvent logEvent, RenderNotes notes)
    {
        if (!logEvent.Properties.TryGetValue(RecordFields.Channel, out var value)
            || value is not ScalarValue { Value: string { Length: > 0 and <= ChannelLengthMax } channel }) return null;
        // A channel is in the record, in Temporal's summary and in a folder's name.
        if (!_context.Redactor.ReadsTexts
            || _context.Redactor.Replacement(RecordFields.Channel, channel) is not { } replaced) return channel;
        notes.Redacted = true;
        return replaced.Length is > 0 and <= ChannelLengthMax ? replaced : Redaction.Redactor.Marker;
    }
}
