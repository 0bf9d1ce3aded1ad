using LogPipeline.Worker.Claims;

namespace LogPipeline.Worker.Files;

/// <summary>
/// What another worker's ledger says (BatchLedger.cs has the files), followed as it grows and without changing it. For one
/// thread at a time.
/// </summary>
sealed class SiblingLedger(StoreDirectory root, LogWriterOptions options)
{
    readonly RecordLogOptions _intentOptions = new() { RecordBytesMax = options.BatchBytesMax + (4 << 20) };
    readonly RecordLogOptions _receiptOptions = new() { RecordBytesMax = 4 << 20 };
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
            using var reader = new RecordLogReader(Ledger, _receiptFiles[file], _receiptOptions);
            return LedgerEntry.FromBytes(reader.ReadAt(position)) is var entry && entry.Id == id ? entry : null;
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidDataException)
        {
            // Its worker has forgotten it meanwhile.
            return null;
        }
    }

    public void Refresh()
    {
        var names = Ledger.List();
        foreach (var gone in _readTo.Keys.Except(names).ToArray()) _readTo.Remove(gone);
        // Intents first: a batch that gets its receipt meanwhile is then found as written.
        foreach (var name in names)
            if (name.StartsWith("intents.", StringComparison.Ordinal)) Follow(name, _intentOptions, (entry, _) => Begin(entry.Id));
        foreach (var name in names)
            if (name.StartsWith("receipts.", StringComparison.Ordinal) && int.TryParse(name["receipts.".Length..], CultureInfo.InvariantCulture, out var number)) Follow(name, _receiptOptions, (entry, position) => Finish(entry, number, name, position));
        foreach (var number in _written.Forget(DateTimeOffset.MinValue, options.ReceiptsMax)) _receiptFiles.Remove(number);
    }

    StoreDirectory Ledger => root.Directory(LogWriter.LedgerDirectory);

    void Begin(BatchId id)
    {
        if (!_written.TryFind(id, out _, out _)) _begun.Add(id);
    }

    void Finish(LedgerEntry entry, int number, string name, long position)
    {
        _receiptFiles[number] = name;
        _written.Add(entry.Id, number, position, entry.At);
        _begun.Remove(entry.Id);
    }

    void Follow(string name, RecordLogOptions logOptions, Action<LedgerEntry, long> take)
    {
        try
        {
            using var reader = new RecordLogReader(Ledger, name, logOptions);
            var from = _readTo.GetValueOrDefault(name, RecordLog.Start);
            if (from == reader.Length) return;
            foreach (var record in reader.Read(from))
            {
                var head = record.Payload.Span.IndexOf((byte)'\n');
                take(LedgerEntry.FromBytes(head < 0 ? record.Payload.Span : record.Payload.Span[..head]), record.Position);
                _readTo[name] = record.Next;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidDataException)
        {
            // Removed meanwhile, or put aside by its worker when that starts: what it said is unknown.
        }
    }
}
