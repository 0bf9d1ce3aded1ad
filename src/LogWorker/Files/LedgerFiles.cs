using LogPipeline.Worker.Claims;

namespace LogPipeline.Worker.Files;

// On disk, in <log directory>/.ledger, all of them record logs (RecordLog.cs in DurableFiles has the frames):
//
//   intents.<nnnnnn>     one record a batch: LedgerEntry as JSON, LF, the batch's lines. Synced before a byte goes to a log file.
//   receipts.<nnnnnn>    one record a batch: LedgerEntry as JSON. Written after the log files were synced.
//
// Why an intent holds the lines: after a crash the worker finishes every begun batch by itself, before it takes new
// ones. So a log file never keeps a torn line or a hole, nothing is ever written behind one, and the order of a
// channel's batches is the order of their intents, whether a batch is tried again here, on another host, or never.
// Without the lines the torn file would have to be closed until a retry that may not come. The price is that each byte
// is written twice.
//
// A receipt needs no sync of its own: an intents file is removed only after the receipts of all its batches were synced
// to a receipts file begun in this life, so that at any crash either the receipt or the intent is there.

/// <summary>The files of a ledger: their names and bounds.</summary>
static class LedgerFiles
{
    /// <inheritdoc cref="LedgerEntry.DirectoryName"/>
    public const string DirectoryName = LedgerEntry.DirectoryName;

    public const string Intents = "intents.";
    public const string Receipts = "receipts.";

    const int EntryBytesMax = 4 << 20;

    /// <summary>
    /// The bound of intents and receipts alike: whatever is begun can get its receipt, as a receipt is a part of the
    /// intent.
    /// </summary>
    public static RecordLogOptions RecordOptions(LogWriterOptions options) =>
        new() { RecordBytesMax = options.BatchBytesMax + EntryBytesMax };

    public static string NameOf(string prefix, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{prefix}{number:d6}");

    /// <summary>The files of one kind, oldest first.</summary>
    public static IEnumerable<(int Number, string Name)> Of(string prefix, IEnumerable<string> names)
    {
        var files = new SortedDictionary<int, string>();
        foreach (var name in names)
            if (name.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(name.AsSpan(prefix.Length),
                NumberStyles.None, CultureInfo.InvariantCulture, out var number)) files[number] = name;
        return files.Select(file => (file.Key, file.Value));
    }
}
