using LogPipeline.DurableFiles;

namespace LogPipeline.Publisher.Spool;

/// <summary>Names the run of an application that a journal belongs to, and the journal's files.</summary>
sealed record JournalName(string Source, string Instance)
{
    const string RecordsSuffix = ".records";
    const string BookmarkSuffix = ".bookmark";

    // Not in any source's or instance's name.
    const char Separator = '~';

    public string Bookmark => $"{this}{BookmarkSuffix}";

    public string Segment(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{this}{Separator}{number:d6}{RecordsSuffix}");

    /// <summary>The run that a file belongs to; null: it is no journal's.</summary>
    public static JournalName? OfFile(string file)
    {
        var isRecords = file.EndsWith(RecordsSuffix, StringComparison.Ordinal);
        if (!isRecords && !file.EndsWith(BookmarkSuffix, StringComparison.Ordinal)) return null;
        var parts = file[..file.LastIndexOf('.')].Split(Separator);
        return parts.Length == (isRecords ? 3 : 2) && BatchId.IsName(parts[0]) && BatchId.IsName(parts[1])
            ? new JournalName(parts[0], parts[1]) : null;
    }

    /// <summary>The runs of which a directory holds something.</summary>
    public static IReadOnlyList<JournalName> In(StoreDirectory directory) =>
        [.. directory.List().Select(OfFile).OfType<JournalName>().Distinct()];

    public override string ToString() => $"{Source}{Separator}{Instance}";
}
