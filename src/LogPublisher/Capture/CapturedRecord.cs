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

    /// <summary>Bytes of the record with its number.</summary>
    public int LengthWith(long sequence) => bytes.Length + Digits(sequence);

    /// <summary>The record with its number.</summary>
    public byte[] Complete(long sequence)
    {
        var record = new byte[LengthWith(sequence)];
        CompleteInto(record, sequence);
        return record;
    }

    /// <summary>Writes the record with its number.</summary>
    public void CompleteInto(Span<byte> target, long sequence)
    {
        bytes.AsSpan(0, sequenceAt).CopyTo(target);
        Utf8Formatter.TryFormat(sequence, target[sequenceAt..], out var digits);
        bytes.AsSpan(sequenceAt).CopyTo(target[(sequenceAt + digits)..]);
    }

    static int Digits(long number)
    {
        var digits = 1;
        for (; number >= 10; number /= 10) digits++;
        return digits;
    }
}
