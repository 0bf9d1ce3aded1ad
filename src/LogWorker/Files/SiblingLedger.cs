using LogPipeline.Worker.Claims;

namespace LogPipeline.Worker.Files;

/// <summary>
/// Another worker's ledger (LedgerFiles.cs has the format), followed as it grows and without changing it. For one
/// thread at a time.
/// </summary>
sealed class SiblingLedger(StoreDirectory root, LogWriterOptions options)
{
    readonly RecordLogOptions _recordOptions = LedgerFiles.RecordOptions(options);
    readonly ReceiptIndex _written = new();
    readonly HashSet<BatchId> _begun = [];
    readonly Dictionary<string, long> _readTo = [];
    readonly Dictionary<int, string> _receiptFiles = [];

    /// <summary>Whether the worker runs.</summary>
    public bool IsAlive => root.IsOwned;

    public bool HasBegun(BatchId id) => _begun.Contains(id);

    /// <summary>The receipt of a batch, or null.</summary>
    public LedgerEntry? Find(BatchId id)
    {
        if (!_written.TryFind(id, out var file, out var position)) return null;
        try
        {
            using var reader = new RecordLogReader(Ledger, _receiptFiles[file], _recordOptions);
            return LedgerEntry.FromBytes(reader.ReadAt(position)) is var entry && entry.Id == id ? entry : null;
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidDataException)
        {
            // Its worker has removed it meanwhile.
            return null;
        }
    }

    public void Refresh()
    {
        // Its worker puts aside what is no file.
        var names = Ledger.List().Where(name => Ledger.EntryOf(name) == StoreEntry.File).ToList();
        foreach (var gone in _readTo.Keys.Except(names).ToArray()) _readTo.Remove(gone);
        // Intents first: a batch that gets its receipt meanwhile is then found as written.
        foreach (var (_, name) in LedgerFiles.Of(LedgerFiles.Intents, names))
            Follow(name, _recordOptions, (entry, _) => AddBegun(entry.Id));
        foreach (var (number, name) in LedgerFiles.Of(LedgerFiles.Receipts, names))
            Follow(name, _recordOptions, (entry, position) => AddWritten(entry, number, name, position));
        foreach (var number in _written.RemoveOldest(DateTimeOffset.MinValue, options.ReceiptsMax))
            _receiptFiles.Remove(number);
    }

    StoreDirectory Ledger => root.Directory(LedgerFiles.DirectoryName);

    void AddBegun(BatchId id)
    {
        if (!_written.TryFind(id, out _, out _)) _begun.Add(id);
    }

    void AddWritten(LedgerEntry entry, int number, string name, long position)
    {
        _receiptFiles[number] = name;
        _written.Add(entry, number, position, entry.At);
        _begun.Remove(entry.Id);
    }

    void Follow(string name, RecordLogOptions logOptions, Action<LedgerEntry, long> onEntry)
    {
        try
        {
            using var reader = new RecordLogReader(Ledger, name, logOptions);
            var from = _readTo.GetValueOrDefault(name, RecordLog.Start);
            if (from == reader.Length) return;
            foreach (var record in reader.Read(from))
            {
                onEntry(LedgerEntry.FromBytes(record.Payload.Span), record.Position);
                _readTo[name] = record.Next;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidDataException)
        {
            // Removed meanwhile, or damaged and put aside by its worker: its batches are unknown.
        }
    }
}
