using System.Buffers.Text;

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// One event, frozen: a CLEF line in UTF-8 without its line feed, complete but for the sequence number, which is known
/// only when the queue accepts the record. Or, when nothing that the application does can change it any more, the event
/// itself, rendered by the first call of <see cref="Render"/>, which comes before anything is read but time and level.
/// Or the event packed, for the spool, which renders what it reads back.
/// </summary>
sealed class CapturedRecord
{
    const int DigitsMax = 19;

    // Owned by the thread that renders: the one that logs, or the publish loop.
    LogEvent? _event;
    readonly RecordFormatter? _formatter;
    byte[] _bytes = [];
    int _length;
    int _sequenceAt;
    string _channel = "";
    byte[]? _channelUtf8;
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

    /// <summary>A packed event, or, used again and again by <see cref="EventPacker"/>, many.</summary>
    /// <param name="packed">What stays the memory of all of them.</param>
    public CapturedRecord(byte[] packed)
    {
        IsPacked = true;
        _bytes = packed;
    }

    /// <summary>Where <see cref="EventPacker"/> writes the next event.</summary>
    public Span<byte> PackedMemory => _bytes;

    /// <summary>Makes it the event that lies in the memory now.</summary>
    /// <param name="length">Its bytes.</param>
    /// <param name="channel">Where it goes unless it says so itself.</param>
    public void SetPacked(int length, DateTimeOffset time, LogEventLevel level, string channel, byte[] channelUtf8)
    {
        Time = time;
        Level = level;
        _length = length;
        _bytesMax = length;
        _channel = channel;
        _channelUtf8 = channelUtf8;
    }

    public DateTimeOffset Time { get; private set; }
    public LogEventLevel Level { get; private set; }
    public string Channel => _channel;
    public ReadOnlySpan<byte> ChannelUtf8 => _channelUtf8 ??= Encoding.UTF8.GetBytes(_channel);

    /// <summary>
    /// The event it was made of, for a failure listener, while the record is in memory; null: there is none, or the
    /// record is on disk.
    /// </summary>
    public LogEvent? OriginalEvent { get; set; }

    /// <summary>
    /// The caller's own number of where the event comes from, which the spool keeps with the record; 0: none.
    /// </summary>
    public long Mark { get; set; }

    /// <summary>It is no line, but what <see cref="PackedEventReader"/> reads.</summary>
    public bool IsPacked { get; }

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
    public int LengthWith(long sequence) => IsPacked ? _length : _length + Digits(sequence);

    /// <summary>The record with its number.</summary>
    public byte[] Complete(long sequence)
    {
        var record = new byte[LengthWith(sequence)];
        CompleteInto(record, sequence);
        return record;
    }

    /// <summary>Writes the record with its number; a packed event has none.</summary>
    public void CompleteInto(Span<byte> target, long sequence)
    {
        if (IsPacked)
        {
            _bytes.AsSpan(0, _length).CopyTo(target);
            return;
        }
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
        _length = bytes.Length;
        _sequenceAt = sequenceAt;
        _channel = channel;
        _bytesMax = bytes.Length + DigitsMax;
    }
}
