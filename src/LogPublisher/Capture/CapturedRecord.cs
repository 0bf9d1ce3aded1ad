using System.Buffers.Text;
using Serilog.Events;

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// One event, frozen: a CLEF line in UTF-8 without its line feed, complete but for the sequence number, which is known
/// only when the queue accepts the record. Or, when nothing that the application does can change it any more, the event
/// itself, rendered by the first call of <see cref="Render"/>, which must come before anything but what the constructors are given is asked for.
/// </summary>
sealed class CapturedRecord
{
    const int DigitsMax = 19;

    // Owned by whoever renders: the thread that logs, or the publish loop.
    LogEvent? _event;
    readonly RecordFormatter? _formatter;
    byte[] _bytes = [];
    int _sequenceAt;
    string _channel = "";
    int _bytesMax;

    public CapturedRecord(byte[] bytes, int sequenceAt, DateTimeOffset time, LogEventLevel level, string channel)
    {
        Time = time;
        Level = level;
        Set(bytes, sequenceAt, channel);
    }

    /// <param name="bytesMax">What the event takes in memory until it is rendered.</param>
    public CapturedRecord(LogEvent logEvent, RecordFormatter formatter, int bytesMax)
    {
        Time = logEvent.Timestamp;
        Level = logEvent.Level;
        _event = logEvent;
        _formatter = formatter;
        _bytesMax = bytesMax;
    }

    public DateTimeOffset Time { get; }
    public LogEventLevel Level { get; }
    public string Channel => _channel;
    public bool IsRendered => _event is null;

    /// <summary>What the record takes in a queue or, once it is rendered, in a batch, at most.</summary>
    public int BytesMax => _bytesMax;

    public void Render()
    {
        if (_event is null) return;
        var bytes = _formatter!.Render(_event, out var sequenceAt, out var channel);
        Set(bytes, sequenceAt, channel);
        _event = null;
    }

    /// <summary>Bytes of the record with its number.</summary>
    public int LengthWith(long sequence) => _bytes.Length + Digits(sequence);

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
        _bytes.AsSpan(0, _sequenceAt).CopyTo(target);
        Utf8Formatter.TryFormat(sequence, target[_sequenceAt..], out var digits);
        _bytes.AsSpan(_sequenceAt).CopyTo(target[(_sequenceAt + digits)..]);
    }

    static int Digits(long number)
    {
        var digits = 1;
        for (; number >= 10; number /= 10) digits++;
        return digits;
    }

    void Set(byte[] bytes, int sequenceAt, string channel)
    {
        _bytes = bytes;
        _sequenceAt = sequenceAt;
        _channel = channel;
        _bytesMax = bytes.Length + DigitsMax;
    }
}
