using System.Buffers.Text;
using Serilog.Events;

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// One event, frozen: a CLEF line in UTF-8 without its line feed, complete but for the sequence number, which is known
/// only when the queue accepts the record.
/// </summary>
sealed class CapturedRecord(byte[] bytes, int sequenceAt, DateTimeOffset time, LogEventLevel level, string channel)
{
    const int DigitsMax = 19;

    public DateTimeOffset Time { get; } = time;
    public LogEventLevel Level { get; } = level;
    public string Channel { get; } = channel;

    /// <summary>What the record takes in a queue or a batch, at most.</summary>
    public int BytesMax => bytes.Length + DigitsMax;

    /// <summary>The record with its number.</summary>
    public byte[] Complete(long sequence)
    {
        Span<byte> digits = stackalloc byte[DigitsMax];
        Utf8Formatter.TryFormat(sequence, digits, out var length);
        var record = new byte[bytes.Length + length];
        bytes.AsSpan(0, sequenceAt).CopyTo(record);
        digits[..length].CopyTo(record.AsSpan(sequenceAt));
        bytes.AsSpan(sequenceAt).CopyTo(record.AsSpan(sequenceAt + length));
        return record;
    }
}
