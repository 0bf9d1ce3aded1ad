using System.Diagnostics;
using Serilog.Parsing;

namespace LogPipeline.Publisher.Capture;

// An event as it waits in the spool until it is rendered; numbers are little-endian.
//
//   2   length of the template       n   template, UTF-8
//   1   1: a trace id follows, 2: a span id follows, 3: both        16   trace id        8   span id
//   1   properties, each:
//       1   length of the name       n   name, UTF-8
//       1   the value's type, see PackedType       n   value; a string: 4 bytes of length, then UTF-8
//   1   1, as what is not written yet in a file is zeros, and a record must not end like it
//
// Time, level and number are in the frame around it.

/// <summary>
/// Reads what <see cref="EventPacker"/> has written. Reuses texts and templates that recur. For one thread.
/// </summary>
sealed class PackedEventReader
{
    readonly RecurringTexts<string> _names = new(name => name);
    readonly RecurringTexts<MessageTemplate> _templates = new(text => new MessageTemplateParser().Parse(text));

    /// <returns>The event, or null when these bytes are none.</returns>
    public LogEvent? Read(ReadOnlySpan<byte> packed, DateTimeOffset time, LogEventLevel level)
    {
        var from = new Source(packed);
        if (!from.TryTake(2, out var length)
            || !from.TryTake(BinaryPrimitives.ReadUInt16LittleEndian(length), out var template)) return null;
        if (!from.TryTake(1, out var ids)) return null;
        ActivityTraceId? trace = null;
        ActivitySpanId? span = null;
        if ((ids[0] & 1) != 0)
        {
            if (!from.TryTake(16, out var id)) return null;
            trace = ActivityTraceId.CreateFromBytes(id);
        }
        if ((ids[0] & 2) != 0)
        {
            if (!from.TryTake(8, out var id)) return null;
            span = ActivitySpanId.CreateFromBytes(id);
        }
        if (!from.TryTake(1, out var count)) return null;
        var properties = new LogEventProperty[count[0]];
        for (var i = 0; i < properties.Length; i++)
        {
            if (!from.TryTake(1, out var nameLength) || !from.TryTake(nameLength[0], out var name)
                || !TryValue(ref from, out var value)) return null;
            var text = _names.Of(name);
            if (!LogEventProperty.IsValidName(text)) return null;
            properties[i] = new LogEventProperty(text, new ScalarValue(value));
        }
        return from.TryTake(1, out var end) && end[0] == EventPacker.End && from.IsEmpty
            ? new LogEvent(time, level, null, _templates.Of(template), properties, trace ?? default, span
            ?? default) : null;
    }

    static bool TryValue(ref Source from, out object? value)
    {
        value = null;
        if (!from.TryTake(1, out var type)) return false;
        var kind = (PackedType)type[0];
        if (kind == PackedType.String)
        {
            if (!from.TryTake(4, out var length)
                || !from.TryTake(BinaryPrimitives.ReadInt32LittleEndian(length), out var text)) return false;
            value = Encoding.UTF8.GetString(text);
            return true;
        }
        if (!from.TryTake(SizeOf(kind), out var bytes)) return false;
        try
        {
            value = ValueOf(kind, bytes);
            return true;
        }
        // A day, an offset or a decimal that there is not.
        catch (ArgumentException)
        {
            return false;
        }
    }

    static int SizeOf(PackedType type) => type switch
    {
        PackedType.Null or PackedType.True or PackedType.False => 0,
        PackedType.Byte or PackedType.SByte => 1,
        PackedType.Int16 or PackedType.UInt16 or PackedType.Char => 2,
        PackedType.Int32 or PackedType.UInt32 or PackedType.Single or PackedType.DateOnly => 4,
        PackedType.Int64 or PackedType.UInt64 or PackedType.Double or PackedType.DateTime or PackedType.TimeSpan
            or PackedType.TimeOnly => 8,
        PackedType.DateTimeOffset => 10,
        PackedType.Decimal or PackedType.Guid => 16,
        _ => int.MaxValue,
    };

    static object? ValueOf(PackedType type, ReadOnlySpan<byte> bytes) => type switch
    {
        PackedType.True => true,
        PackedType.False => false,
        PackedType.Byte => bytes[0],
        PackedType.SByte => (sbyte)bytes[0],
        PackedType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        PackedType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        PackedType.Char => (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        PackedType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        PackedType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        PackedType.Single => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        PackedType.DateOnly => DateOnly.FromDayNumber(BinaryPrimitives.ReadInt32LittleEndian(bytes)),
        PackedType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        PackedType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        PackedType.Double => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        PackedType.DateTime => DateTime.FromBinary(BinaryPrimitives.ReadInt64LittleEndian(bytes)),
        PackedType.TimeSpan => new TimeSpan(BinaryPrimitives.ReadInt64LittleEndian(bytes)),
        PackedType.TimeOnly => new TimeOnly(BinaryPrimitives.ReadInt64LittleEndian(bytes)),
        PackedType.DateTimeOffset =>
            new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(bytes),
                TimeSpan.FromMinutes(BinaryPrimitives.ReadInt16LittleEndian(bytes[8..]))),
        PackedType.Decimal => new decimal(
        [
            BinaryPrimitives.ReadInt32LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
        ]),
        PackedType.Guid => new Guid(bytes),
        _ => null,
    };

    ref struct Source(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> _rest = bytes;

        public readonly bool IsEmpty => _rest.IsEmpty;

        public bool TryTake(int count, out ReadOnlySpan<byte> taken)
        {
            taken = default;
            if ((uint)count > (uint)_rest.Length) return false;
            taken = _rest[..count];
            _rest = _rest[count..];
            return true;
        }
    }
}
