using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Claims;

namespace LogPipeline.Worker.Files;

/// <summary>Everything that a writer has open between two recoveries. For the writer's loop alone.</summary>
sealed class WriterLife : IDisposable
{
    readonly StoreDirectory _root;
    readonly TimeProvider _time;
    readonly SteadyClock _clock;
    readonly IWriterObserver? _observer;
    readonly OpenLogFiles _files;
    readonly FileAllocator _allocator;
    readonly IBatchClaims? _claims;
    readonly Dictionary<BatchId, WriteOutcome> _outcomes = [];
    readonly List<(LedgerEntry Entry, PreparedBatch Batch)> _begun = [];

    public WriterLife(StoreDirectory root, LogWriterOptions options, TimeProvider time, SteadyClock clock,
        IWriterObserver? observer, IBatchClaims? claims)
    {
        (_root, _time, _clock, _observer, _claims) = (root, time, clock, observer, claims);
        var directory = root.Directory(LedgerFiles.DirectoryName);
        root.Sync();
        Ledger = BatchLedger.Open(directory, options);
        _files = new OpenLogFiles(root, options.OpenFilesMax);
        _allocator = new FileAllocator(root, _files, options, Ledger.Ends, observer);
    }

    public BatchLedger Ledger { get; }

    /// <summary>False: the ledger was removed or replaced.</summary>
    public bool IsInPlace => Ledger.IsInPlace;

    /// <param name="lost">Begun batches that another worker has taken.</param>
    /// <returns>Those that were finished.</returns>
    public IReadOnlyList<LedgerEntry> FinishBegun(IReadOnlySet<BatchId> lost)
    {
        var kept = Ledger.Begun.Where(batch => !lost.Contains(batch.Entry.Id) || IsInFiles(batch)).ToList();
        foreach (var batch in kept) Ledger.ExtendEnds(batch.Entry);
        var begun = kept.Count == 0 ? [] : new BegunBatches(_root, _files, _allocator, _time.GetUtcNow())
            .Relocate(kept);
        Ledger.Renew([.. begun.Select(one => one.Batch)]);
        if (begun.Count > 0) _claims?.RequireClaims();
        foreach (var (batch, isCompressed) in begun) WriteLines(batch.Entry, batch.Lines.Span, isCompressed);
        _files.Sync();
        Ledger.Settle(begun.Select(one => one.Batch.Entry), _clock.GetNow());
        _observer?.OnOpened(Ledger.ReceiptCount, begun.Count, Ledger.DamagedBytes);
        string[] copied = [.. begun.Select(one => one.Batch.Entry).Where(entry => lost.Contains(entry.Id))
            .Select(entry => entry.Batch)];
        if (copied.Length > 0) _observer?.OnCopied(copied);
        return [.. begun.Select(one => one.Batch.Entry)];
    }

    // Of a batch that was taken nothing needs to be written, unless something was: a line must not stay torn.
    bool IsInFiles(BegunBatch batch) => batch.Entry.Parts.Any(part => _files.LengthOf(part.Name) > part.Offset);

    /// <summary>
    /// A file is about to be removed. First the receipts of what is in it are synced: else, after a power cut, it would
    /// be written again.
    /// </summary>
    public void CloseFile(LogFileName name)
    {
        Ledger.SyncReceipts();
        _files.Close(name);
    }

    /// <returns>In the batches' order what became of each; null: its id was written with other lines.</returns>
    /// <exception cref="BatchFaultException">One can never be written. Nothing of it is in the ledger; the others may be
    /// begun, and this life has ended.</exception>
    public IReadOnlyList<WriteOutcome?> Write(IEnumerable<PreparedBatch> group)
    {
        var (now, begunAt) = (_time.GetUtcNow(), _time.GetTimestamp());
        _outcomes.Clear();
        _begun.Clear();
        _allocator.BeginGroup();
        var outcomes = group.Select(batch => Begin(batch, now)).ToList();
        if (_begun.Count == 0) return outcomes;

        Ledger.SyncIntents();
        // Else the lines would make the directory again, and no receipt there would cover them.
        if (!IsInPlace) throw new IOException("The ledger was removed by another program just now.");
        _claims?.RequireClaims();
        foreach (var (entry, batch) in _begun) WriteLines(entry, batch.Lines.Span);
        _files.Sync();
        var receivedAt = _clock.GetNow();
        foreach (var (entry, _) in _begun) Ledger.AppendReceipt(entry, receivedAt);
        Ledger.CommitReceipts();
        _observer?.OnWritten(_begun, _time.GetElapsedTime(begunAt));
        return outcomes;
    }

    public void Dispose()
    {
        _files.Dispose();
        Ledger.Dispose();
    }

    WriteOutcome? Begin(PreparedBatch batch, DateTimeOffset now)
    {
        var earlier = _outcomes.TryGetValue(batch.Id, out var inGroup) ? inGroup.Entry : Ledger.Find(batch.Id);
        if (earlier is not null) return batch.IsSame(earlier) ? new WriteOutcome(earlier, AlreadyWritten: true) : null;

        try
        {
            return BeginNew(batch, now);
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            throw new BatchFaultException(batch.Id, e);
        }
    }

    WriteOutcome BeginNew(PreparedBatch batch, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var parts = new List<LedgerPart>(batch.Parts.Count);
        foreach (var part in batch.Parts)
        {
            var (name, offset) = _allocator.Allocate(part.Channel, part.Length, today, part.Format);
            parts.Add(new LedgerPart { File = name.ToString(), Offset = offset, Length = part.Length,
                RecordCount = part.RecordCount, Crc = part.Crc });
        }
        var entry = new LedgerEntry { Batch = batch.Id.ToString(), At = now, Parts = parts, Origin = batch.Origin,
            Filtered = batch.Filtered };
        Ledger.AppendIntent(entry, batch.Lines.Span);
        _begun.Add((entry, batch));
        return _outcomes[batch.Id] = new WriteOutcome(entry, AlreadyWritten: false);
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
