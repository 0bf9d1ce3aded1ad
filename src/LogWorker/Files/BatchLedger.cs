using System.Buffers;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Claims;

namespace LogPipeline.Worker.Files;

/// <summary>
/// Which batches are written and which are begun; LedgerFiles.cs has the format. For the writer's loop alone, but for
/// <see cref="Contains"/>.
/// </summary>
sealed class BatchLedger : IDisposable
{
    // A group's intents go to the system in pieces: as one, they would take new memory of their size for every group.
    const int IntentChunk = 1 << 20;

    // Copying more costs more than a write call.
    const int CopyMax = 32 << 10;

    readonly StoreDirectory _directory;
    readonly LogWriterOptions _options;
    readonly RecordLogOptions _receiptOptions;
    readonly RecordLogOptions _intentOptions;
    readonly ReceiptIndex _index = new();
    readonly ArrayBufferWriter<byte> _buffer = new();
    readonly Dictionary<ChannelName, FileEnd> _ends = [];

    // What earlier lives left and this one has not settled yet.
    readonly List<string> _oldIntents = [];
    readonly List<LedgerEntry> _settledBefore = [];

    // Removes one large file at a time beside the loop: giving back its pages takes as long as a group of batches, and
    // nothing waits for that. Dispose may find it failed; then the next life finds the file.
    Task _removal = Task.CompletedTask;

    RecordLog? _intents;
    RecordLog? _receipts;
    int _nextIntents = 1;
    int _nextReceipts = 1;
    int _receiptsInFile;
    DateOnly _receiptsDay;
    bool _isRecycleDue;

    BatchLedger(StoreDirectory directory, LogWriterOptions options)
    {
        _directory = directory;
        _options = options;
        _receiptOptions = LedgerFiles.RecordOptions(options);
        _intentOptions = _receiptOptions with { BufferBytesKept = 4 * IntentChunk };
    }

    /// <summary>
    /// Batches that were begun and not finished, oldest first. <see cref="ExtendEnds"/> by those that are to be
    /// finished, finish them, then <see cref="Settle"/>.
    /// </summary>
    public IReadOnlyList<BegunBatch> Begun { get; private set; } = [];

    /// <summary>
    /// How far each channel's newest file reaches by the ledger, with the begun batches that are finished here.
    /// </summary>
    public IReadOnlyDictionary<ChannelName, FileEnd> Ends => _ends;

    /// <summary>Bytes of the ledger that belong to no record, a torn tail included.</summary>
    public long DamagedBytes { get; private set; }

    /// <summary>
    /// False: the ledger was removed or replaced, so that what is written to it would be lost with this process.
    /// </summary>
    public bool IsInPlace => _intents!.IsIn(_directory);

    /// <summary>Batches that are recognised as written.</summary>
    public int ReceiptCount => _index.Count;

    /// <summary>All batches that are recognised as written. From any thread.</summary>
    public LedgerTotals Totals => _index.Totals;

    /// <summary>
    /// Reads what earlier lives left. A file that cannot be read at all is put aside as <c>damaged.…</c>; else nothing
    /// is changed.
    /// </summary>
    public static BatchLedger Open(StoreDirectory directory, LogWriterOptions options)
    {
        var ledger = new BatchLedger(directory, options);
        ledger.ReadReceipts();
        ledger.ReadIntents();
        return ledger;
    }

    /// <summary>
    /// The batch is finished here: its parts are in use. Those of a begun batch that another worker has taken are free.
    /// </summary>
    public void ExtendEnds(LedgerEntry entry)
    {
        foreach (var part in entry.Parts)
        {
            var name = part.Name;
            var known = _ends.TryGetValue(name.Channel, out var end) ? name.CompareTo(end.Name) : 1;
            if (known > 0 || (known == 0 && part.End > end.Length)) _ends[name.Channel] = new FileEnd(name, part.End);
        }
    }

    /// <summary>
    /// Begins a new life: the begun batches, with their allocated parts, go to a new intents file. It is synced when
    /// this returns, whatever became of the old ones' syncs.
    /// </summary>
    public void Renew(IReadOnlyList<BegunBatch> begun)
    {
        _intents = OpenIntents();
        foreach (var batch in begun) AppendIntent(batch.Entry, batch.Lines.Span);
        _intents.Sync();
    }

    /// <summary>
    /// The begun batches are in their files. Their receipts, and once more those of all batches whose intents were
    /// still there (an earlier life may not have synced them), are synced; then the old intents go.
    /// </summary>
    public void Settle(IEnumerable<LedgerEntry> finished, DateTimeOffset now)
    {
        foreach (var entry in _settledBefore) AppendReceipt(entry, now);
        foreach (var entry in finished) AppendReceipt(entry, now);
        _receipts?.Sync();
        foreach (var name in _oldIntents) _directory.Delete(name);
        if (_oldIntents.Count > 0) _directory.Sync();
        _oldIntents.Clear();
        _settledBefore.Clear();
        Begun = [];
        // Not earlier: an intent without its receipt would be taken for begun.
        RemoveExpiredReceipts(now);
    }

    /// <summary>Whether the batch is in its files. From any thread.</summary>
    public bool Contains(BatchId id) => _index.TryFind(id, out _, out _);

    /// <summary>Where a batch was written, or null.</summary>
    public LedgerEntry? Find(BatchId id)
    {
        if (!_index.TryFind(id, out var file, out var position)) return null;
        using var reader = new RecordLogReader(_directory, ReceiptsName(file), _receiptOptions);
        foreach (var record in reader.Read(position))
            return LedgerEntry.FromBytes(record.Payload.Span) is { } entry && record.Position == position
                && entry.Id == id ? entry : null;
        return null;
    }

    /// <exception cref="ArgumentException">It is larger than an intent may be; nothing was appended.</exception>
    public void AppendIntent(LedgerEntry entry, ReadOnlySpan<byte> lines)
    {
        _buffer.ResetWrittenCount();
        _buffer.Write(entry.ToBytes());
        _buffer.Write("\n"u8);
        if (lines.Length >= CopyMax)
        {
            _intents!.AppendThrough(_buffer.WrittenSpan, lines);
            return;
        }
        _intents!.Append(_buffer.WrittenSpan, lines);
        if (_intents.End - _intents.Committed >= IntentChunk) _intents.Commit();
    }

    public void SyncIntents() => _intents!.Sync();

    /// <summary>The batch is in its files, and these are synced.</summary>
    public void AppendReceipt(LedgerEntry entry, DateTimeOffset now)
    {
        var day = DateOnly.FromDateTime(now.UtcDateTime);
        if (_receipts is not null && (day != _receiptsDay || _receiptsInFile >= ReceiptsPerFile)) CloseReceipts();
        if (_receipts is null)
        {
            _receipts = RecordLog.Open(_directory, ReceiptsName(_nextReceipts++), _receiptOptions);
            _receiptsDay = day;
            _receiptsInFile = 0;
            RemoveExpiredReceipts(now);
        }
        var position = _receipts.Append(entry.ToBytes());
        _index.Add(entry, _nextReceipts - 1, position, now);
        _receiptsInFile++;
    }

    /// <summary>Hands the receipts to the system, so that the next life finds them.</summary>
    public void CommitReceipts() => _receipts?.Commit();

    /// <summary>From now on a power cut leaves the receipts too, and not the intents alone.</summary>
    public void SyncReceipts() => _receipts?.Sync();

    /// <summary>
    /// Begins a new intents file when the old one has grown or the receipts have moved on, and removes the old: intents
    /// must go before their receipts do. No batch may be begun and unfinished.
    /// </summary>
    public void Recycle()
    {
        if (_intents!.Committed < _options.IntentBytesMax && !_isRecycleDue) return;
        _isRecycleDue = false;
        _receipts?.Sync();
        _removal.GetAwaiter().GetResult();
        var old = _intents;
        _intents = OpenIntents();
        old.Dispose();
        _removal = Task.Run(() =>
        {
            _directory.Delete(old.Name);
            _directory.Sync();
        });
    }

    public void Dispose()
    {
        _intents?.Dispose();
        _receipts?.Dispose();
        ((IAsyncResult)_removal).AsyncWaitHandle.WaitOne();
    }

    void ReadReceipts()
    {
        foreach (var (file, name) in LedgerFiles.Of(LedgerFiles.Receipts, _directory.List()))
        {
            _nextReceipts = file + 1;
            using var reader = OpenToRead(name, _receiptOptions);
            if (reader is null) continue;
            foreach (var record in reader.Read())
            {
                var entry = LedgerEntry.FromBytes(record.Payload.Span);
                _index.Add(entry, file, record.Position, entry.At);
                ExtendEnds(entry);
            }
            DamagedBytes += reader.DamagedBytes;
            _index.AddFile(file);
        }
    }

    void ReadIntents()
    {
        var begun = new Dictionary<BatchId, (int Order, BegunBatch Batch)>();
        var order = 0;
        foreach (var (file, name) in LedgerFiles.Of(LedgerFiles.Intents, _directory.List()))
        {
            _nextIntents = file + 1;
            using var reader = OpenToRead(name, _intentOptions);
            if (reader is null) continue;
            foreach (var record in reader.Read())
            {
                var head = record.Payload.Span.IndexOf((byte)'\n');
                var entry = LedgerEntry.FromBytes(record.Payload.Span[..head]);
                // An intent that was renewed has a later one in a later file, and that one counts.
                if (_index.TryFind(entry.Id, out _, out _))
                {
                    _settledBefore.Add(entry);
                    ExtendEnds(entry);
                }
                else begun[entry.Id] = (order++, new BegunBatch(entry, record.Payload[(head + 1)..].ToArray()));
            }
            DamagedBytes += reader.DamagedBytes;
            _oldIntents.Add(name);
        }
        Begun = [.. begun.Values.OrderBy(one => one.Order).Select(one => one.Batch)];
    }

    // With room for the file that is about to be filled, so that the bound holds when it is full.
    void RemoveExpiredReceipts(DateTimeOffset now)
    {
        _removal.GetAwaiter().GetResult();
        var countMax = Math.Max(ReceiptsPerFile, _options.ReceiptsMax - ReceiptsPerFile);
        foreach (var file in _index.RemoveOldest(now - _options.ReceiptRetention, countMax))
            _directory.Delete(ReceiptsName(file));
    }

    int ReceiptsPerFile => Math.Max(1, _options.ReceiptsMax / 8);

    void CloseReceipts()
    {
        _receipts!.Sync();
        _receipts.Dispose();
        _receipts = null;
        _isRecycleDue = true;
    }

    RecordLogReader? OpenToRead(string name, RecordLogOptions options)
    {
        if (_directory.EntryOf(name) != StoreEntry.File)
        {
            // A link or a pipe may have the place of a file that held something.
            DamagedBytes++;
            _directory.Replace(name, "damaged." + name);
            return null;
        }
        try
        {
            return new RecordLogReader(_directory, name, options);
        }
        catch (InvalidDataException)
        {
            using (var file = _directory.Open(name, StoreOpen.Read)) DamagedBytes += file.Length;
            _directory.Replace(name, "damaged." + name);
            return null;
        }
    }

    RecordLog OpenIntents() =>
        RecordLog.Open(_directory, LedgerFiles.NameOf(LedgerFiles.Intents, _nextIntents++), _intentOptions);

    static string ReceiptsName(int number) => LedgerFiles.NameOf(LedgerFiles.Receipts, number);
}
