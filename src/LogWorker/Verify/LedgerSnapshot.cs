using LogPipeline.Worker.Claims;
using LogPipeline.Worker.Files;

namespace LogPipeline.Worker.Verify;

/// <summary>
/// What a ledger says, read beside the worker that writes it and without changing it. A file that the worker removes
/// meanwhile is left out: what it said stands in a later one.
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
        if (!root.ListDirectories().Contains(LogWriter.LedgerDirectory)) return snapshot;
        var directory = root.Directory(LogWriter.LedgerDirectory);
        var names = directory.List();
        // Intents first: a batch that gets its receipt meanwhile is then found as written.
        foreach (var name in names.Where(name => name.StartsWith("intents.", StringComparison.Ordinal)))
            snapshot.Take(directory, name, options.BatchBytesMax + (4 << 20), entry => snapshot._begun[entry.Batch] = entry);
        foreach (var name in names.Where(name => name.StartsWith("receipts.", StringComparison.Ordinal)))
            snapshot.Take(directory, name, 4 << 20, entry => snapshot._written[entry.Batch] = entry);
        foreach (var batch in snapshot._written.Keys) snapshot._begun.Remove(batch);
        return snapshot;
    }

    void Take(StoreDirectory directory, string name, int recordBytesMax, Action<LedgerEntry> take)
    {
        try
        {
            using var reader = new RecordLogReader(directory, name, new RecordLogOptions { RecordBytesMax = recordBytesMax });
            foreach (var record in reader.Read())
            {
                var head = record.Payload.Span.IndexOf((byte)'\n');
                take(LedgerEntry.FromBytes(head < 0 ? record.Payload.Span : record.Payload.Span[..head]));
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
