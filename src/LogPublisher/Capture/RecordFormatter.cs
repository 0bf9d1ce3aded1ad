using LogPipeline.Publisher.Redaction;

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
    const int FieldNameLengthMax = 4096;

    static readonly string[] ChannelNames = [RecordFields.Channel, "Channel"];

    [ThreadStatic] static Scratch? _ofThread;

    readonly CaptureLimits _limits;
    readonly Redactor _redactor;
    readonly bool _defers;
    readonly TemplateCache _templates;
    readonly FieldCache _fields;
    readonly MessageRenderer _messages;
    readonly RecordOrigin _origin;
    long _failures;
    long _truncated;
    long _redacted;

    public RecordFormatter(string source, string instance, string defaultChannel, CaptureLimits limits, Redactor? redactor = null, bool mayDefer = false)
    {
        _origin = new RecordOrigin(source, instance, defaultChannel);
        _limits = limits;
        _redactor = redactor ?? Redactor.Off;
        // The hook is the application's code.
        _defers = mayDefer && !_redactor.HasHook;
        _templates = new TemplateCache(_redactor);
        _fields = new FieldCache(_redactor);
        _messages = new MessageRenderer(_limits, _fields, _redactor);
    }

    /// <summary>What is known of templates and names depends on neither source nor instance, and any thread may ask for it.</summary>
    RecordFormatter(RecordFormatter other, RecordOrigin origin) =>
        (_origin, _limits, _redactor, _templates, _fields, _messages) = (origin, other._limits, other._redactor, other._templates, other._fields, other._messages);

    /// <summary>Events whose own code threw while they were rendered; each has a placeholder in its place.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Events that were cut.</summary>
    public long Truncated => Interlocked.Read(ref _truncated);

    /// <summary>Events of which something was replaced because it is a secret.</summary>
    public long Redacted => Interlocked.Read(ref _redacted);

    /// <summary>The record, rendered now, or later where that makes no difference and is allowed.</summary>
    public CapturedRecord Capture(LogEvent logEvent) =>
        _defers && Deferral.IsPossible(logEvent, out var bytes) ? new CapturedRecord(logEvent, this, bytes) : Format(logEvent);

    /// <summary>One that makes the same records for another start of an application, or another application.</summary>
    public RecordFormatter For(string source, string instance) =>
        source == _origin.Source && instance == _origin.Instance ? this : new RecordFormatter(this, new RecordOrigin(source, instance, _origin.DefaultChannel));

    /// <summary>Takes events down for the spool, which has <see cref="Format(LogEvent, string, bool)"/> called for them later.</summary>
    public EventPacker Packer() => new(_templates, _fields, _redactor, _limits, _origin.DefaultChannel);

    public CapturedRecord Format(LogEvent logEvent) => Format(logEvent, _origin.DefaultChannel, isAgain: false);

    /// <param name="defaultChannel">Where the event goes if it does not say so itself.</param>
    /// <param name="isAgain">What is remarkable about it is counted already.</param>
    public CapturedRecord Format(LogEvent logEvent, string defaultChannel, bool isAgain)
    {
        var bytes = Render(logEvent, defaultChannel, isAgain, out var sequenceAt, out var channel);
        return new CapturedRecord(bytes, sequenceAt, logEvent.Timestamp, logEvent.Level, channel);
    }

    /// <returns>The record but for its number, and where that belongs.</returns>
    public byte[] Render(LogEvent logEvent, out int sequenceAt, out string channel) =>
        Render(logEvent, _origin.DefaultChannel, isAgain: false, out sequenceAt, out channel);

    byte[] Render(LogEvent logEvent, string defaultChannel, bool isAgain, out int sequenceAt, out string channel)
    {
        var scratch = _ofThread ??= new Scratch();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Render(logEvent, scratch, defaultChannel, isAgain, out sequenceAt, out channel);
            }
            // A sink behind this one may add a property to the event while it is rendered; that is done in no time.
            catch (InvalidOperationException) when (attempt < AttemptsMax)
            {
            }
            // Properties and exceptions are the application's objects: whatever they throw, the event itself is kept.
            catch (Exception e)
            {
                if (!isAgain) Interlocked.Increment(ref _failures);
                channel = defaultChannel;
                return Placeholder(logEvent, scratch.Buffer, e, channel, out sequenceAt);
            }
        }
    }

    byte[] Render(LogEvent logEvent, Scratch scratch, string defaultChannel, bool isAgain, out int sequenceAt, out string channel)
    {
        var buffer = scratch.Buffer;
        var notes = scratch.Notes;
        notes.Clear();
        var room = _limits.RecordBytesMax - CutRoom - _origin.StartBytes;
        buffer.Clear(room);
        Begin(buffer, logEvent);

        var plan = _templates.Of(logEvent.MessageTemplate);
        notes.Redacted = plan.IsRedacted;
        var message = plan.IsConstant ? plan.Text : _messages.Render(scratch.Message, plan, logEvent, room, notes);
        var differs = !message.SequenceEqual(plan.Text);
        if (plan.Utf8 is not null && plan.Utf8.Length < room / 8) buffer.Raw(plan.Utf8);
        else Template(buffer, plan, differs ? room / 8 : room * 5 / 8, notes);
        if (differs)
        {
            buffer.Raw(",\"@m\":"u8);
            if (!buffer.Text(message, bytesMax: room / 2) || scratch.Message.IsFull) notes.Cuts.Add("@m", scratch.Message.IsCounted ? scratch.Message.Length : null);
        }
        RecordOrigin.Level(buffer, logEvent.Level);
        if (logEvent.Exception is { } exception) Exception(buffer, exception, room / 4, notes);
        Trace(buffer, logEvent);
        channel = ChannelOf(logEvent, out var channelProperty) ?? defaultChannel;
        _origin.WriteTo(buffer, logEvent.Level, channel);
        sequenceAt = buffer.Length;

        var values = new ValueWriter(buffer, _limits, _fields, _redactor, notes);
        // As it is handed out, so that it is walked through without an allocation.
        if (logEvent.Properties is Dictionary<string, LogEventPropertyValue> properties)
        {
            foreach (var (name, value) in properties)
                if (name != channelProperty) Property(buffer, values, plan, name, value, notes);
        }
        else
        {
            foreach (var (name, value) in logEvent.Properties)
                if (name != channelProperty) Property(buffer, values, plan, name, value, notes);
        }
        buffer.SetLimit(_limits.RecordBytesMax);
        notes.Cuts.WriteTo(buffer);
        buffer.Raw("}"u8);
        if (!isAgain) Count(notes);
        return buffer.Written.ToArray();
    }

    void Count(RenderNotes notes)
    {
        if (notes.Cuts.Any) Interlocked.Increment(ref _truncated);
        if (notes.Redacted) Interlocked.Increment(ref _redacted);
        if (notes.Failed) Interlocked.Increment(ref _failures);
    }

    /// <summary>For an event that could not be rendered at all: nothing of it that could be a secret is shown.</summary>
    byte[] Placeholder(LogEvent logEvent, RecordBuffer buffer, Exception e, string channel, out int sequenceAt)
    {
        buffer.Clear(_limits.RecordBytesMax);
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
        if (!buffer.Text(plan.Text, bytesMax: bytesMax)) notes.Cuts.Add("@mt", plan.Text.Length);
    }

    void Exception(RecordBuffer buffer, Exception exception, int bytesMax, RenderNotes notes)
    {
        var text = ExceptionText.Of(exception, notes);
        var length = text.Length;
        if (_redactor.ReadsTexts && _redactor.Replacement("@x", text.AsSpan(0, Math.Min(length, bytesMax + Redactor.ReadBehindCut))) is { } replacement)
        {
            text = replacement;
            notes.Redacted = true;
        }
        buffer.Raw(",\"@x\":"u8);
        if (!buffer.Text(text, bytesMax: bytesMax) || length > bytesMax + Redactor.ReadBehindCut) notes.Cuts.Add("@x", length);
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

    static string? ChannelOf(LogEvent logEvent, out string? property)
    {
        foreach (var name in ChannelNames)
            if (logEvent.Properties.TryGetValue(name, out var value) && value is ScalarValue { Value: string { Length: > 0 and <= ChannelLengthMax } channel })
            {
                property = name;
                return channel;
            }
        property = null;
        return null;
    }

    void Property(RecordBuffer buffer, ValueWriter values, TemplatePlan plan, string name, LogEventPropertyValue value, RenderNotes notes)
    {
        if (name.Length > FieldNameLengthMax)
        {
            notes.Cuts.Add(name, null);
            return;
        }
        var field = _fields.Of(name);
        var start = buffer.Length;
        buffer.Raw(field.Bytes);
        var whole = true;
        try
        {
            whole = values.Write(value, name, plan.MakesSecret(name) ? Secrecy.All : field.Secrecy);
        }
        // The application's own code; its neighbours are still worth writing.
        catch (Exception e)
        {
            notes.Failed = true;
            buffer.ReturnTo(start);
            buffer.Raw(field.Bytes);
            buffer.Text(RuntimeTypes.Placeholder(e));
        }
        if (buffer.IsFull)
        {
            buffer.ReturnTo(start);
            notes.Cuts.Add(FieldNames.Of(name), null);
        }
        else if (!whole)
        {
            notes.Cuts.Add(FieldNames.Of(name), value is ScalarValue { Value: string text } ? text.Length : null);
        }
    }

    /// <summary>What one thread renders in, again and again.</summary>
    sealed class Scratch
    {
        public RecordBuffer Buffer { get; } = new();
        public MessageText Message { get; } = new();
        public RenderNotes Notes { get; } = new();
    }
}
