using LogPipeline.DurableFiles;

namespace LogPipeline.Publisher.Spooling;

// What a process finds that opens the journal of another one.
sealed partial class Journal
{
    void Load()
    {
        var loaded = new List<(long First, RecordSegment Segment)>();
        foreach (var file in _directory.List())
        {
            if (JournalName.OfFile(file) != _name || file == _name.Bookmark) continue;
            var segment = RecordSegment.Open(_directory, file);
            loaded.Add((FirstIn(segment), segment));
        }
        // By what they hold, and not by number: a file that was made to replace one has a later number.
        foreach (var (_, segment) in loaded.OrderBy(s => s.First).ThenBy(s => s.Segment.Name, StringComparer.Ordinal)) _segments.Add(segment);
        CountFound();
        RemoveThrough(_bookmark.Progress.Through);
        var progress = _bookmark.Progress;
        if (progress.IsSealed)
            _sealed = new SealedBatch(progress.First, progress.Last, progress.Previous, default, (int)_gaps.Known(progress.First - 1, Math.Min(progress.Last, _lastFound)), 0);
        if (_sealed is { Records: 0 }) _sealed = null;
    }

    void CountFound()
    {
        var through = _bookmark.Progress.Through;
        // Without a bookmark nobody knows what was done before the first record that is left, unless the first file is.
        var next = through > 0 || _segments.Exists(segment => segment.Name == _name.Segment(1)) ? through + 1 : 0;
        var (records, lost, tail) = (0L, 0L, 0L);
        foreach (var segment in _segments)
        {
            using var reader = segment.Read(_directory, 0);
            while (reader.MoveNext(out var record))
            {
                segment.LastSequence = Math.Max(segment.LastSequence, record.Sequence);
                if (record.Sequence <= Math.Max(through, _lastFound)) continue;
                if (next > 0 && record.Sequence > next)
                {
                    _gaps.Add(next, record.Sequence - 1);
                    lost += record.Sequence - next;
                }
                _lastFound = record.Sequence;
                next = record.Sequence + 1;
                records++;
            }
            segment.IsDamaged = reader.IsDamaged;
            // Behind the last record of all nothing tells how many there were; at least one was begun.
            if (reader.EndsInDamage && ReferenceEquals(segment, _segments[^1])) tail = 1;
        }
        // Unless the bookmark knows of some.
        var progress = _bookmark.Progress;
        if (progress.IsSealed) tail = Math.Max(tail, progress.Last - Math.Max(_lastFound, through));
        lost += tail;
        Found = (records, lost);
    }

    long FirstIn(RecordSegment segment)
    {
        using var reader = segment.Read(_directory, 0);
        return reader.MoveNext(out var record) ? record.Sequence : long.MaxValue;
    }
}
