using LogPipeline.DurableFiles;

namespace LogPipeline.Publisher.Spool;

/// <summary>
/// What the files of a journal hold that another process has left. Damage is passed over and counted.
/// </summary>
sealed class JournalScan
{
    readonly List<FoundFile> _files;

    /// <summary>Reads all files of the run.</summary>
    public JournalScan(StoreDirectory directory, JournalName name)
    {
        // By what they hold, and not by number: a file that was made to replace one has a later number.
        _files = [.. directory.List()
            .Where(file => JournalName.OfFile(file) == name && file != name.Bookmark)
            .Select(file => FoundFile.Of(directory, RecordSegment.Open(directory, file)))
            .OrderBy(file => file.First).ThenBy(file => file.Segment.Name, StringComparer.Ordinal)];
        HasFirstFile = _files.Exists(file => file.Segment.Name == name.Segment(1));
    }

    public IEnumerable<RecordSegment> Segments => _files.Select(file => file.Segment);

    /// <summary>The last seal of each file that has one.</summary>
    public IEnumerable<Seal> Seals => _files.Select(file => file.LastSeal).OfType<Seal>();

    /// <summary>Keys that its records are encrypted with.</summary>
    public IEnumerable<string> KeyIds => _files.SelectMany(file => file.KeyIds).Distinct();

    /// <summary>The highest mark beside a record; 0: there is none.</summary>
    public long LastMark => _files.Select(file => file.LastMark).DefaultIfEmpty().Max();

    public bool IsEmpty => _files.Count == 0;

    public bool IsDamaged => _files.Exists(file => file.Segment.IsDamaged);

    /// <summary>The file is there that shows that nothing before it was removed.</summary>
    bool HasFirstFile { get; }

    /// <summary>Counts the records that are not done with.</summary>
    /// <param name="gaps">Gets the missing numbers.</param>
    /// <returns>Whole records, numbers in front of and between them that are missing, and the last number of
    /// all.</returns>
    public (long Records, long Lost, long Last) Count(Progress progress, SequenceGaps gaps)
    {
        // Without a bookmark it is unknown what was done before the first record that is left, unless the first file is
        // left.
        var next = progress.Last > 0 || HasFirstFile ? progress.Through + 1 : 0;
        var (records, lost, lastFound) = (0L, 0L, 0L);
        foreach (var (first, last) in _files.SelectMany(file => file.Runs))
        {
            // A file may hold again what another one does.
            var from = Math.Max(first, Math.Max(progress.Through, lastFound) + 1);
            if (from > last) continue;
            if (next > 0 && from > next)
            {
                gaps.Add(next, from - 1);
                lost += from - next;
            }
            records += last - from + 1;
            lastFound = last;
            next = last + 1;
        }
        // Behind the last record of all the number of lost ones is unknown: at least one if a frame was begun, or what
        // the last batch had more.
        var tail = _files.Skip(_files.FindLastIndex(file => file.Runs.Count > 0))
            .Any(file => file.EndsInDamage) ? 1L : 0;
        if (progress.IsSealed) tail = Math.Max(tail, progress.Last - Math.Max(lastFound, progress.Through));
        return (records, lost + tail, lastFound);
    }

    /// <summary>What one file holds.</summary>
    /// <param name="Runs">Numbers that follow each other without a gap, in the order of the file.</param>
    sealed record FoundFile(RecordSegment Segment, List<(long First, long Last)> Runs, Seal? LastSeal,
        bool EndsInDamage, IReadOnlyCollection<string> KeyIds, long LastMark)
    {
        public long First => Runs.Count > 0 ? Runs[0].First : long.MaxValue;

        public static FoundFile Of(StoreDirectory directory, RecordSegment segment)
        {
            var runs = new List<(long First, long Last)>();
            var keyIds = new HashSet<string>(StringComparer.Ordinal);
            var lastMark = 0L;
            using var reader = segment.Read(directory, 0);
            while (reader.MoveNext(out var record))
            {
                if (runs.Count > 0 && runs[^1].Last + 1 == record.Sequence)
                    runs[^1] = (runs[^1].First, record.Sequence);
                else runs.Add((record.Sequence, record.Sequence));
                lastMark = Math.Max(lastMark, record.Mark);
                if (record.IsEncrypted && SpoolCipher.KeyIdOf(record.Content.Span) is { } id) keyIds.Add(id);
                segment.LastSequence = Math.Max(segment.LastSequence, record.Sequence);
            }
            segment.IsDamaged = reader.IsDamaged;
            return new FoundFile(segment, runs, reader.LastSeal, reader.EndsInDamage, keyIds, lastMark);
        }
    }
}
