using LogPipeline.DurableFiles;

namespace LogPipeline.Publisher.Spool;

// What a process finds that opens the journal of another one.
sealed partial class Journal
{
    void Load(bool hadBookmark)
    {
        // By what they hold, and not by number: a file that was made to replace one has a later number.
        List<FoundFile> files = [.. _directory.List()
            .Where(file => JournalName.OfFile(file) == _name && file != _name.Bookmark)
            .Select(file => FoundFile.Of(_directory, RecordSegment.Open(_directory, file)))
            .OrderBy(file => file.First).ThenBy(file => file.Segment.Name, StringComparer.Ordinal)];
        foreach (var file in files)
        {
            _segments.Add(file.Segment);
            _foundBytes += file.Segment.End;
            if (file.LastSeal is { } last) _bookmark.Recall(Progress.Of(last));
        }
        BookmarkWasLost = _bookmark.WasLost || (!hadBookmark && files.Count > 0);
        _isInDoubt = BookmarkWasLost || files.Exists(file => file.Segment.IsDamaged);
        var progress = _bookmark.Progress;
        _sealedThrough = progress.IsSealed ? progress.Last : progress.Through;
        if (progress.First > 0) LastBatch = IdOf(progress.First);
        Count(files, progress);
        Walk(default, progress.Through, (in SpooledRecord record, int _) =>
        {
            _oldestAt = record.Time;
            return false;
        });
        if (!progress.IsSealed) return;
        var records = (int)_gaps.Known(progress.First - 1, Math.Min(progress.Last, _lastFound));
        var seal = new Seal(progress.First, progress.Last, progress.Previous);
        if (records > 0) _sealed = new SealedBatch(seal, files.Exists(file => file.LastSeal == seal), default, records, 0);
    }

    void Count(List<FoundFile> files, Progress progress)
    {
        // Without a bookmark nobody knows what was done before the first record that is left, unless the first file is.
        var next = progress.Last > 0 || _segments.Exists(segment => segment.Name == _name.Segment(1)) ? progress.Through + 1 : 0;
        var (records, lost) = (0L, 0L);
        foreach (var (first, last) in files.SelectMany(file => file.Runs))
        {
            // A file may hold again what another one does.
            var from = Math.Max(first, Math.Max(progress.Through, _lastFound) + 1);
            if (from > last) continue;
            if (next > 0 && from > next)
            {
                _gaps.Add(next, from - 1);
                lost += from - next;
            }
            records += last - from + 1;
            _lastFound = last;
            next = last + 1;
        }
        // Behind the last record of all nothing tells how many there were; at least one was begun, or the last batch held more.
        var tail = files.Skip(files.FindLastIndex(file => file.Runs.Count > 0)).Any(file => file.EndsInDamage) ? 1L : 0;
        if (progress.IsSealed) tail = Math.Max(tail, progress.Last - Math.Max(_lastFound, progress.Through));
        Found = (records, lost + tail);
    }

    /// <summary>What one file holds.</summary>
    /// <param name="Runs">Numbers that follow each other without a gap, in the order of the file.</param>
    sealed record FoundFile(RecordSegment Segment, List<(long First, long Last)> Runs, Seal? LastSeal, bool EndsInDamage)
    {
        public long First => Runs.Count > 0 ? Runs[0].First : long.MaxValue;

        public static FoundFile Of(StoreDirectory directory, RecordSegment segment)
        {
            var runs = new List<(long First, long Last)>();
            using var reader = segment.Read(directory, 0);
            while (reader.MoveNext(out var record))
            {
                if (runs.Count > 0 && runs[^1].Last + 1 == record.Sequence) runs[^1] = (runs[^1].First, record.Sequence);
                else runs.Add((record.Sequence, record.Sequence));
                segment.LastSequence = Math.Max(segment.LastSequence, record.Sequence);
            }
            segment.IsDamaged = reader.IsDamaged;
            return new FoundFile(segment, runs, reader.LastSeal, reader.EndsInDamage);
        }
    }
}
