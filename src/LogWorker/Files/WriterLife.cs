using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Claims;

namespace LogPipeline.Worker.Files;

/// <summary>Everything that a writer has open between two recoveries. For the writer's loop alone.</summary>
sealed class WriterLife : IDisposable
{
    readonly StoreDirectory _root;
    readonly TimeProvider _time;
    readonly Action<WriterEvent> _onEvent;
    readonly OpenLogFiles _files;
    readonly LogPlaces _places;
    readonly IBatchClaims? _claims;
    readonly Dictionary<BatchId, WriteOutcome> _ofGroup = [];
    readonly List<(LedgerEntry Entry, PreparedBatch Batch)> _begun = [];

    public WriterLife(StoreDirectory root, BatchLedger ledger, LogWriterOptions options, TimeProvider time, Action<WriterEvent> onEvent, IBatchClaims? claims)
    {
        (_root, _time, _onEvent, _claims, Ledger) = (root, time, onEvent, claims, ledger);
        _files = new OpenLogFiles(root, options.OpenFilesMax);
        _places = new LogPlaces(root, _files, options, ledger.Ends, onEvent);
    }

    public BatchLedger Ledger { get; }

    /// <summary>False: somebody removed or replaced the ledger.</summary>
    public bool IsInPlace => Ledger.IsInPlace;

    /// <param name="lost">Begun batches that another worker has taken.</param>
    /// <returns>Those that were finished.</returns>
    public IReadOnlyList<LedgerEntry> FinishBegun(IReadOnlySet<BatchId> lost)
    {
        var kept = Ledger.Begun.Where(batch => !lost.Contains(batch.Entry.Id) || IsInFiles(batch)).ToList();
        Ledger.Keep(kept);
        var begun = kept.Count == 0 ? [] : new BegunBatches(_root, _files, _places, _time.GetUtcNow()).Relocate(kept);
        Ledger.Renew([.. begun.Select(one => one.Batch)]);
        if (begun.Count > 0) _claims?.RequireClaims();
        foreach (var (batch, isCompressed) in begun) WriteLines(batch.Entry, batch.Lines.Span, isCompressed);
        _files.Sync();
        Ledger.Settle(begun.Select(one => one.Batch.Entry), _time.GetUtcNow());
        _onEvent(new WriterEvent.Opened(Ledger.ReceiptCount, begun.Count, Ledger.DamagedBytes));
        string[] copied = [.. begun.Select(one => one.Batch.Entry).Where(entry => lost.Contains(entry.Id)).Select(entry => entry.Batch)];
        if (copied.Length > 0) _onEvent(new WriterEvent.Copied(copied));
        return [.. begun.Select(one => one.Batch.Entry)];
    }

    // Of a batch that was taken nothing needs to be written, unless something was: a line must not stay torn.
    bool IsInFiles(BegunBatch batch) => batch.Entry.Parts.Any(part => _files.LengthOf(part.Name) > part.Offset);

    /// <summary>A file is about to be removed. First the receipts of what is in it are synced: else, after a power cut, it would be written again.</summary>
    public void Forget(LogFileName name)
    {
        Ledger.SyncReceipts();
        _files.Forget(name);
    }

    /// <returns>In the batches' order what became of each; null: its id was written with other lines.</returns>
    public IReadOnlyList<WriteOutcome?> Write(IEnumerable<PreparedBatch> group)
    {
        var now = _time.GetUtcNow();
        _ofGroup.Clear();
        _begun.Clear();
        _places.BeginGroup();
        var outcomes = group.Select(batch => Begin(batch, now)).ToList();
        if (_begun.Count == 0) return outcomes;

        Ledger.SyncIntents();
        // Else the lines would make the directory again, and nothing there would say that they are written.
        if (!IsInPlace) throw new IOException("The ledger was removed by somebody else just now.");
        _claims?.RequireClaims();
        foreach (var (entry, batch) in _begun) WriteLines(entry, batch.Lines.Span);
        _files.Sync();
        foreach (var (entry, _) in _begun) Ledger.Receive(entry, now);
        Ledger.CommitReceipts();
        _onEvent(new WriterEvent.Wrote(_begun));
        return outcomes;
    }

    public void Dispose()
    {
        _files.Dispose();
        Ledger.Dispose();
    }

    WriteOutcome? Begin(PreparedBatch batch, DateTimeOffset now)
    {
        var earlier = _ofGroup.TryGetValue(batch.Id, out var inGroup) ? inGroup.Entry : Ledger.Find(batch.Id);
        if (earlier is not null) return batch.IsSame(earlier) ? new WriteOutcome(earlier, AlreadyWritten: true) : null;

        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var parts = new List<LedgerPart>(batch.Parts.Count);
        foreach (var part in batch.Parts)
        {
            var (name, offset) = _places.Place(part.Channel, part.Length, today, part.Format);
            parts.Add(new LedgerPart { File = name.ToString(), Offset = offset, Length = part.Length, RecordCount = part.RecordCount, Crc = part.Crc });
        }
        var entry = new LedgerEntry { Batch = batch.Id.ToString(), At = now, Parts = parts, Came = batch.Came, Filtered = batch.Filtered };
        Ledger.Intend(entry, batch.Lines.Span);
        _begun.Add((entry, batch));
        return _ofGroup[batch.Id] = new WriteOutcome(entry, AlreadyWritten: false);
    }

    void WriteLines(LedgerEntry entry, ReadOnlySpan<byte> lines, IReadOnlySet<LedgerPart>? except = null)
    {
        foreach (var part in entry.Parts)
        {
            if (except?.Contains(part) != true) _files.Write(part.Name, part.Offset, lines[..part.Length]);
            lines = lines[part.Length..];
        }
    }
}
