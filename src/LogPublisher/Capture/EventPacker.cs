using System.Diagnostics;
using System.Runtime.CompilerServices;
using LogPipeline.Publisher.Redaction;

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// Copies an event as it is, so that the thread that logs need not render it: its template, and values of types that
/// read back as what they were. An event that holds anything else is not packed: an exception, an object, a secret
/// (that is replaced before it reaches the disk), a text that would be cut, anything that only the application's code
/// can render. The format stands in PackedEventReader.cs.
/// </summary>
sealed class EventPacker(CaptureContext context)
{
    /// <summary>Stands behind the properties.</summary>
    public const byte End = 1;

    const int BytesMax = 8 * 1024;

    [ThreadStatic] static CapturedRecord? _ofThread;

    readonly byte[] _defaultChannelUtf8 = Encoding.UTF8.GetBytes(context.Options.Channel);

    // The hook is the application's code, which runs where the application logs and sees all there is.
    readonly bool _packs = !context.Redactor.HasHook && context.Options.Limits.EventBytesMax >= 4 * BytesMax;

    /// <returns>A record that lies in this thread's memory until the thread packs the next one; null: this event is to
    /// be rendered.</returns>
    public CapturedRecord? TryPack(LogEvent logEvent)
    {
        if (!_packs || logEvent.Exception is not null || (uint)logEvent.Level > (uint)LogEventLevel.Fatal) return null;
        if (logEvent.Properties is not Dictionary<string, LogEventPropertyValue> { Count: <= byte.MaxValue } properties)
            return null;
        if (context.PlanOf(logEvent.MessageTemplate).Packed is not { } template) return null;
        var record = _ofThread ??= new CapturedRecord(new byte[BytesMax]);
        var to = new Target(record.PackedMemory);
        to.Bytes(template);
        Ids(ref to, logEvent);
        to.Byte((byte)properties.Count);
        try
        {
            foreach (var (name, value) in properties)
            {
                var field = context.FieldOf(name);
                if (field.Secrecy != Secrecy.None || field.Packed is not { } packed
                    || value?.GetType() != typeof(ScalarValue)) return null;
                if (!to.HasRoom(packed.Length + 1 + sizeof(decimal) + 1)) return null;
                to.Bytes(packed);
                if (!TryValue(ref to, name, ((ScalarValue)value).Value)) return null;
            }
        }
        // A sink behind this one adds a property meanwhile; rendering knows what to do then.
        catch (InvalidOperationException)
        {
            return null;
        }
        to.Byte(End);
        record.SetPacked(to.Length, logEvent.Timestamp, logEvent.Level, context.Options.Channel, _defaultChannelUtf8);
        return record;
    }

    static void Ids(ref Target to, LogEvent logEvent)
    {
        var trace = logEvent.TraceId;
        var span = logEvent.SpanId;
        to.Byte((byte)((trace is null ? 0 : 1) + (span is null ? 0 : 2)));
        if (trace is { } traceId) traceId.CopyTo(to.Take(16));
        if (span is { } spanId) spanId.CopyTo(to.Take(8));
    }

    bool TryValue(ref Target to, string name, object? value)
    {
        switch (value)
        {
            case string text: return TryText(ref to, name, text);
            case int number: BinaryPrimitives.WriteInt32LittleEndian(to.Value(PackedType.Int32, 4), number);
            return true;
            case null: to.Value(PackedType.Null, 0); return true;
            case bool yes: to.Value(yes ? PackedType.True : PackedType.False, 0); return true;
            case long number:
                if (context.Redactor.IsSecret(number)) return false;
                BinaryPrimitives.WriteInt64LittleEndian(to.Value(PackedType.Int64, 8), number);
                return true;
            case double number: BinaryPrimitives.WriteDoubleLittleEndian(to.Value(PackedType.Double, 8), number);
            return true;
            case Guid id: id.TryWriteBytes(to.Value(PackedType.Guid, 16)); return true;
            case DateTime time: BinaryPrimitives.WriteInt64LittleEndian(to.Value(PackedType.DateTime, 8),
                time.ToBinary()); return time.Kind != DateTimeKind.Local;
            case DateTimeOffset time:
                var at = to.Value(PackedType.DateTimeOffset, 10);
                BinaryPrimitives.WriteInt64LittleEndian(at, time.Ticks);
                BinaryPrimitives.WriteInt16LittleEndian(at[8..], (short)time.TotalOffsetMinutes);
                return true;
            case TimeSpan time: BinaryPrimitives.WriteInt64LittleEndian(to.Value(PackedType.TimeSpan, 8), time.Ticks);
            return true;
            case decimal number: return TryDecimal(ref to, number);
            case uint number: BinaryPrimitives.WriteUInt32LittleEndian(to.Value(PackedType.UInt32, 4), number);
            return true;
            case ulong number:
                BinaryPrimitives.WriteUInt64LittleEndian(to.Value(PackedType.UInt64, 8), number);
                return !context.Redactor.IsSecret(number);
            case short number: BinaryPrimitives.WriteInt16LittleEndian(to.Value(PackedType.Int16, 2), number);
            return true;
            case ushort number: BinaryPrimitives.WriteUInt16LittleEndian(to.Value(PackedType.UInt16, 2), number);
            return true;
            case byte number: to.Value(PackedType.Byte, 1)[0] = number; return true;
            case sbyte number: to.Value(PackedType.SByte, 1)[0] = (byte)number; return true;
            case float number: BinaryPrimitives.WriteSingleLittleEndian(to.Value(PackedType.Single, 4), number);
            return true;
            case char letter: BinaryPrimitives.WriteUInt16LittleEndian(to.Value(PackedType.Char, 2), letter);
            return true;
            case DateOnly date: BinaryPrimitives.WriteInt32LittleEndian(to.Value(PackedType.DateOnly, 4),
                date.DayNumber); return true;
            case TimeOnly time: BinaryPrimitives.WriteInt64LittleEndian(to.Value(PackedType.TimeOnly, 8), time.Ticks);
            return true;
            default: return false;
        }
    }

    bool TryText(ref Target to, string name, string text)
    {
        if (text.Length > context.Options.Limits.StringLengthMax || !to.HasRoom(1 + sizeof(int) + 3 * text.Length + 1))
            return false;
        if (context.Redactor.ReadsTexts && context.Redactor.Replacement(name, text) is not null) return false;
        to.Text(text);
        return true;
    }

    bool TryDecimal(ref Target to, decimal number)
    {
        if (context.Redactor.IsSecret(number)) return false;
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(number, parts);
        var at = to.Value(PackedType.Decimal, 16);
        for (var i = 0; i < parts.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(at[(4 * i)..], parts[i]);
        return true;
    }

    /// <summary>Callers check for room before they write.</summary>
    ref struct Target(Span<byte> bytes)
    {
        readonly Span<byte> _bytes = bytes;

        public int Length { get; private set; }

        public readonly bool HasRoom(int count) => count <= _bytes.Length - Length;

        public Span<byte> Take(int count)
        {
            var taken = _bytes.Slice(Length, count);
            Length += count;
            return taken;
        }

        public void Byte(byte value) => _bytes[Length++] = value;

        public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

        public Span<byte> Value(PackedType type, int count)
        {
            Byte((byte)type);
            return Take(count);
        }

        public void Text(string text)
        {
            Byte((byte)PackedType.String);
            var length = Encoding.UTF8.GetBytes(text, _bytes[(Length + sizeof(int))..]);
            BinaryPrimitives.WriteInt32LittleEndian(Take(sizeof(int)), length);
            Length += length;
        }
    }
}
