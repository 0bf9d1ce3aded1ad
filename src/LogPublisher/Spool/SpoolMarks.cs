using LogPipeline.DurableFiles;

namespace LogPipeline.Publisher.Spool;

/// <summary>The marks beside the records that a spool holds, read while no process uses it.</summary>
/// <param name="Last">The highest; 0: there is none.</param>
/// <param name="IsDamaged">Some records cannot be read, so lower ones may be missing.</param>
readonly record struct SpoolMarks(long Last, bool IsDamaged)
{
    /// <param name="top">The spool, of whatever destinations.</param>
    public static SpoolMarks Read(StoreDirectory top)
    {
        var (last, isDamaged) = (0L, false);
        foreach (var directory in In(top).SelectMany(destination => In(destination).Prepend(destination)))
            foreach (var name in JournalName.In(directory))
            {
                var scan = new JournalScan(directory, name);
                (last, isDamaged) = (Math.Max(last, scan.LastMark), isDamaged || scan.IsDamaged);
            }
        return new SpoolMarks(last, isDamaged);
    }

    static IEnumerable<StoreDirectory> In(StoreDirectory directory) =>
        directory.ListDirectories().Select(name => SpoolRoot.TryOpen(directory, name, _ => { }))
            .OfType<StoreDirectory>();
}
