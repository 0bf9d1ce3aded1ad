using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Cli.Tail;

// A line of JSON is a record. In text a record may be several lines: one that begins with a time, and those behind it that do not,
// as those of an exception. Where the first line of a file begins with no time, none does, and each line is a record.

/// <summary>The records of one log file that a query takes.</summary>
sealed class FileRecords
{
    const int TextLinesMax = 1_000;
    const int RingBytesMax = 64 << 20;

    readonly LogContent _content;
    readonly LogFileName _name;
    readonly TailQuery _query;
    readonly DateTimeOffset _lastWritten;
    readonly CancellationToken _stop;
    readonly TailNotices _notices;
    // Of text; null: it is not known while there is no line.
    bool? _isTimed;

    public FileRecords(LogContent content, LogFileName name, TailQuery query, DateTimeOffset lastWritten, TailNotices notices,
        CancellationToken stop)
    {
        (_content, _name, _query, _lastWritten, _notices, _stop) = (content, name, query, lastWritten, notices, stop);
        if (IsText && query.Level is not null)
            notices.Say($"{name} is text, whose lines name no level: --level leaves them out; --grep finds them.");
    }

    bool IsText => _name.Format == LogFormat.Text;

    /// <summary>From where the lines are to an offset; a record of text ends where they do.</summary>
    public IEnumerable<TailedRecord> Forward(WholeLines lines, long end)
    {
        if (!IsTimedText())
        {
            while (TryNext(lines, end, out var alone, out var own))
                if (Taken(alone.ToArray(), own) is { } one) yield return one;
            yield break;
        }
        var (record, head, count) = (new List<byte>(), default(RecordHead), 0);
        while (TryNext(lines, end, out var line, out var next))
        {
            if (count > 0 && count < TextLinesMax && next.Time is null)
            {
                record.Add((byte)'\n');
                record.AddRange(line.Span);
                count++;
                continue;
            }
            if (count > 0 && Taken([.. record], head) is { } taken) yield return taken;
            (head, count) = (next, 1);
            record.Clear();
            record.AddRange(line.Span);
        }
        if (count > 0 && Taken([.. record], head) is { } last) yield return last;
    }

    /// <summary>Newest first.</summary>
    /// <param name="end">Behind a line feed.</param>
    /// <param name="countMax">How many are wanted.</param>
    public IEnumerable<TailedRecord> Backward(long end, int countMax) =>
        _content.IsCompressed ? LastOf(Forward(new WholeLines(_content, 0), end), countMax) : Backward(end);

    IEnumerable<TailedRecord> Backward(long end)
    {
        var isTimed = IsTimedText();
        // Newest first, of text whose first line is yet to come.
        var behind = new List<ReadOnlyMemory<byte>>();
        foreach (var line in BackwardLines.Of(_content, end))
        {
            _stop.ThrowIfCancellationRequested();
            var head = RecordHead.Read(_name.Format, line.Span);
            behind.Add(line);
            if (isTimed && head.Time is null && behind.Count < TextLinesMax) continue;
            if (Taken(Joined(behind), head) is { } taken) yield return taken;
            behind.Clear();
        }
        if (behind.Count > 0 && Taken(Joined(behind), default) is { } first) yield return first;
    }

    static byte[] Joined(List<ReadOnlyMemory<byte>> lines)
    {
        if (lines.Count == 1) return lines[0].ToArray();
        var joined = new List<byte>();
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            joined.AddRange(lines[i].Span);
            if (i > 0) joined.Add((byte)'\n');
        }
        return [.. joined];
    }

    // A compressed file is read forward alone.
    static IEnumerable<TailedRecord> LastOf(IEnumerable<TailedRecord> records, int countMax)
    {
        var (last, bytes) = (new Queue<TailedRecord>(), 0L);
        foreach (var record in records)
        {
            last.Enqueue(record);
            bytes += record.Lines.Length;
            while (last.Count > countMax || (bytes > RingBytesMax && last.Count > 1)) bytes -= last.Dequeue().Lines.Length;
        }
        return last.Reverse();
    }

    bool TryNext(WholeLines lines, long end, out ReadOnlyMemory<byte> line, out RecordHead head)
    {
        head = default;
        while (lines.TryRead(end, out line))
        {
            _stop.ThrowIfCancellationRequested();
            head = RecordHead.Read(_name.Format, line.Span);
            // What is not taken is not copied; lines of text belong together and are looked at as one.
            if (_isTimed == true || _query.Takes(head)) return true;
        }
        return false;
    }

    bool IsTimedText()
    {
        if (!IsText || _isTimed is not null) return _isTimed == true;
        if (!new WholeLines(_content, 0).TryRead(long.MaxValue, out var first)) return false;
        _isTimed = RecordHead.Read(_name.Format, first.Span).Time is not null;
        if (_query.Since is not null && _isTimed == false)
            _notices.Say($"{_name} is text that begins with no time: --since leaves none of its lines out.");
        return _isTimed == true;
    }

    TailedRecord? Taken(byte[] lines, RecordHead head)
    {
        if (!_query.Takes(head)) return null;
        var record = new TailedRecord(_name.Channel, _name.Format, lines, head, head.Time ?? _lastWritten);
        return _query.Takes(record) ? record : null;
    }
}
