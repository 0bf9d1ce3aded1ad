using LogPipeline.Publisher.Capture;

namespace LogPipeline.Publisher.Spool;

/// <summary>
/// Makes lines of what one journal holds: of a packed event by rendering it, of a line by taking it out of the reader's
/// memory. A channel's name is made once for all records that follow each other in it. Owned by the publish loop.
/// </summary>
sealed class SpooledLines(RecordFormatter formatter, SpoolCipher cipher)
{
    // Takes 32 KB, and a journal that is found waits for its turn.
    PackedEventReader? _events;
    byte[] _channelBytes = [];
    string _channel = "";
    // A batch ends with the record that no longer fits; the next one begins with it.
    (long Sequence, (string Channel, byte[] Line) Made) _last;
    // That record is made anew when the batch before it was tried again meanwhile.
    long _countedThrough;

    /// <param name="isRepeat">It was read before, by this process or another, so it is in the counters already.</param>
    /// <returns>Null: the record is damaged.</returns>
    public (string Channel, byte[] Line)? Of(in SpooledRecord record, bool isRepeat)
    {
        if (record.Sequence == _last.Sequence) return _last.Made;
        if (!record.Channel.Span.SequenceEqual(_channelBytes))
        {
            _channelBytes = record.Channel.ToArray();
            _channel = Encoding.UTF8.GetString(_channelBytes);
        }
        var content = record.IsEncrypted ? cipher.TryDecrypt(record) : null;
        if (record.IsEncrypted && content is null) return null;
        if (!record.IsPacked) return (_channel, content ?? record.Content.ToArray());
        if ((_events ??= new PackedEventReader())
            .Read(content ?? record.Content.Span, record.Time, record.Level) is not { } logEvent) return null;
        var rendered = formatter.Format(logEvent, _channel, isRepeat || record.Sequence <= _countedThrough);
        _countedThrough = Math.Max(_countedThrough, record.Sequence);
        _last = (record.Sequence, (rendered.Channel, rendered.Complete(record.Sequence)));
        return _last.Made;
    }
}
