using LogPipeline.DurableFiles;

namespace TemporalDevServer.Journal;

// What lies in the directory; N counts segments from 1:
//
//   journal-N    inputs, in order; goes on in journal-(N+1)
//   snapshot-N   the state before the first input of journal-N
//   history-N    events that left memory when snapshot-N was made
//   left-...     what a start could not use and set aside
//   owner        the process that owns the directory

/// <summary>Names of the journal's files and how their records are bounded.</summary>
static class JournalFiles
{
    public const string Segment = "journal-";
    public const string Snapshot = "snapshot-";
    public const string History = "history-";
    public const string Left = "left-";
    public const string Unfinished = ".new";

    // A request is at most 4 MiB; a run's history, at most a little above 50 MiB.
    public static readonly RecordLogOptions SegmentOptions = new()
    {
        RecordBytesMax = Engine.Limits.MessageBytesMax + 1024,
        BufferBytesKept = 4 * 1024 * 1024,
    };
    public static readonly RecordLogOptions StateOptions = new() { RecordBytesMax = 128 * 1024 * 1024 };

    public static string Name(string kind, long number) => kind + number.ToString("d8", CultureInfo.InvariantCulture);

    /// <summary>Numbers of the files of a kind, ascending.</summary>
    public static long[] Numbers(StoreDirectory directory, string kind) =>
        [.. directory.List().Select(name => NumberOf(name, kind)).Where(number => number > 0).Order()];

    // 0: not of this kind.
    static long NumberOf(string name, string kind)
    {
        if (!name.StartsWith(kind, StringComparison.Ordinal)) return 0;
        var digits = name.AsSpan(kind.Length);
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
