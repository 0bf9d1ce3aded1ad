using LogPipeline.Worker.Claims;
using LogPipeline.Worker.Files;

namespace LogPipeline.Worker.Verify;

/// <summary>
/// A ledger, read beside the worker that writes it and without changing it. A file that the worker removes meanwhile is
/// left out: a later one has its batches.
/// </summary>
sealed class LedgerSnapshot
{
    readonly Dictionary<string, LedgerEntry> _written = new(StringComparer.Ordinal);
    readonly Dictionary<string, LedgerEntry> _begun = new(StringComparer.Ordinal);

    /// <summary>Batches with a receipt.</summary>
    public IReadOnlyCollection<LedgerEntry> Written => _written.Values;

    /// <summary>Batches with an intent alone.</summary>
    public IReadOnlyCollection<LedgerEntry> Begun => _begun.Values;

    public long DamagedBytes { get; private set; }

    public static LedgerSnapshot Read(StoreDirectory root, LogWriterOptions options)
    {
        var snapshot = new LedgerSnapshot();
        if (root.EntryOf(LedgerFiles.DirectoryName) != StoreEntry.Directory) return snapshot;
        var directory = root.Directory(LedgerFiles.DirectoryName);
        var names = directory.List();
        // Intents first: a batch that gets its receipt meanwhile is then found as written.
        foreach (var (_, name) in LedgerFiles.Of(LedgerFiles.Intents, names))
            snapshot.ReadFile(directory, name, LedgerFiles.RecordOptions(options), snapshot._begun);
        foreach (var (_, name) in LedgerFiles.Of(LedgerFiles.Receipts, names))
            snapshot.ReadFile(directory, name, LedgerFiles.RecordOptions(options), snapshot._written);
        foreach (var batch in snapshot._written.Keys) snapshot._begun.Remove(batch);
        return snapshot;
    }

    void ReadFile(StoreDirectory directory, string name, RecordLogOptions logOptions,
        Dictionary<string, LedgerEntry> entries)
    {
        if (directory.EntryOf(name) != StoreEntry.File)
        {
            DamagedBytes++;
            return;
        }
        try
        {
            using var reader = new RecordLogReader(directory, name, logOptions);
            foreach (var record in reader.Read())
            {
                var entry = LedgerEntry.FromBytes(record.Payload.Span);
                entries[entry.Batch] = entry;
            }
            DamagedBytes += reader.DamagedBytes;
        }
        catch (FileNotFoundException)
        {
        }
        catch (InvalidDataException)
        {
            using var file = directory.Open(name, StoreOpen.Read);
            DamagedBytes += file.Length;
        }
    }
}
