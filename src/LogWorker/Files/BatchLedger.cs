using System.Buffers;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Claims;

namespace LogPipeline.Worker.Files;

// On disk, in <log directory>/.ledger, all of them record logs (RecordLog.cs in DurableFiles has the frames):
//
//   intents.<nnnnnn>     one record a batch: LedgerEntry as JSON, LF, the batch's lines. Synced before a byte goes to a log file.
//   receipts.<nnnnnn>    one record a batch: LedgerEntry as JSON. Written after the log files were synced.
//
// Why an intent holds the lines: after a crash the worker finishes every begun batch by itself, before it takes new ones. So
// a log file never keeps a torn line or a hole, nothing is ever written behind one, and the order of a channel's batches is
// the order of their intents, whether a batch is tried again here, on another host, or never. Without the lines the torn
// file would have to be closed until a retry that may not come. The price is that each byte is written twice.
//
// A receipt needs no sync of its own: an intents file is removed only after the receipts of all its batches were synced to a
// receipts file begun in this life, so that at any crash either the receipt or the intent is there.

/// <summary>Knows which batches are written and which are begun. For the writer's loop alone, but for <see cref="Has"/>.</summary>
sealed class BatchLedger : IDisposable
{
    // A group's intents go to the system in pieces: as one, they would take new memory of their size for every group.
    const int IntentChunk = 1 << 20;

    // Copying more costs more than a write call.
    const int CopyMax = 32 << 10;

    readonly StoreDirectory _directory;
    readonly LogWriterOptions _options;
    readonly RecordLogOptions _intentOptions;
    readonly RecordLogOptions _receiptOptions = new() { RecordBytesMax = 4 << 20 };
    readonly ReceiptIndex _index = new();
    readonly ArrayBufferWriter<byte> _buffer = new();
    readonly Dictionary<ChannelName, FileEnd> _ends = [];

    // What earlier lives left and this one has not settled yet.
    readonly List<string> _oldIntents = [];
    readonly List<LedgerEntry> _settledBefore = [];

    readonly BackgroundRemoval _removal;

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
        _removal = new BackgroundRemoval(directory);
        _options = options;
        _intentOptions = new RecordLogOptions { RecordBytesMax = options.BatchBytesMax + (4 << 20), BufferBytesKept = 4 * IntentChunk };
    }

    /// <summary>
    /// Batches that were begun and not finished, oldest first. <see cref="Keep"/> those that are to be finished, finish them,
    /// then <see cref="Settle"/>.
    /// </summary>
    public IReadOnlyList<BegunBatch> Begun { get; private set; } = [];

    /// <summary>How far each channel's newest file reaches by the ledger, with the begun batches that are kept.</summary>
    public IReadOnlyDictionary<ChannelName, FileEnd> Ends => _ends;

    /// <summary>Bytes of the ledger that belong to no record, a torn tail included.</summary>
    public long DamagedBytes { get; private set; }

    /// <summary>False: somebody removed or replaced the ledger, so that what is noted here would be lost with this process.</summary>
    public bool IsInPlace => _intents!.IsIn(_directory);

    /// <summary>Batches that are recognised as written.</summary>
    public int ReceiptCount => _index.Count;

    /// <summary>Reads what earlier lives left. A file that cannot be read at all is put aside as <c>damaged.…</c>; else nothing is changed.</summary>
    public static BatchLedger Open(StoreDirectory directory, LogWriterOptions options)
    {
        var ledger = new BatchLedger(directory, options);
        ledger.ReadReceipts();
        ledger.ReadIntents();
        return ledger;
    }

    /// <summary>These are finished here. The places of the others, which another worker has taken, are free.</summary>
    public void Keep(IEnumerable<BegunBatch> begun)
    {
        foreach (var batch in begun) Note(batch.Entry);
    }

    /// <summary>
    /// Begins a new life: the begun batches, with the places they are to have, go to a new intents file. It is synced when this
    /// returns, whatever became of the old ones' syncs.
    /// </summary>
    public void Renew(IReadOnlyList<BegunBatch> begun)
    {
        _intents = OpenIntents();
        foreach (var batch in begun) Intend(batch.Entry, batch.Lines.Span);
        _intents.Sync();
    }

    /// <summary>
    /// The begun batches are in their files. Their receipts, and once more those of all batches whose intents were still there
    /// (nobody knows whether an earlier life synced them), are synced; then the old intents go.
    /// </summary>
    public void Settle(IEnumerable<LedgerEntry> finished, DateTimeOffset now)
    {
        foreach (var entry in _settledBefore) Receive(entry, now);
        foreach (var entry in finished) Receive(entry, now);
        _receipts?.Sync();
        foreach (var name in _oldIntents) _directory.Delete(name);
        if (_oldIntents.Count > 0) _directory.Sync();
        _oldIntents.Clear();
        _settledBefore.Clear();
        Begun = [];
        // Not earlier: an intent whose receipt was forgotten would be taken for begun.
        Forget(now);
    }

    /// <summary>Whether the batch is in its files. From any thread.</summary>
    public bool Has(BatchId id) => _index.TryFind(id, out _, out _);

    /// <summary>Where a batch was written, or null.</summary>
    public LedgerEntry? Find(BatchId id)
    {
        if (!_index.TryFind(id, out var file, out var position)) return null;
        using var reader = new RecordLogReader(_directory, ReceiptsName(file), _receiptOptions);
        foreach (var record in reader.Read(position))
            return LedgerEntry.FromBytes(record.Payload.Span) is { } entry && record.Position == position && entry.Id == id ? entry : null;
        return null;
    }

    public void Intend(LedgerEntry entry, ReadOnlySpan<byte> lines)
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
    public void Receive(LedgerEntry entry, DateTimeOffset now)
    {
        var day = DateOnly.FromDateTime(now.UtcDateTime);
        if (_receipts is not null && (day != _receiptsDay || _receiptsInFile >= ReceiptsPerFile)) CloseReceipts();
        if (_receipts is null)
        {
            _receipts = RecordLog.Open(_directory, ReceiptsName(_nextReceipts++), _receiptOptions);
            _receiptsDay = day;
            _receiptsInFile = 0;
            Forget(now);
        }
        var position = _receipts.Append(entry.ToBytes());
        _index.Add(entry.Id, _nextReceipts - 1, position, now);
        _receiptsInFile++;
    }

    /// <summary>Hands the receipts to the system, so that the next life finds them.</summary>
    public void CommitReceipts() => _receipts?.Commit();

    /// <summary>From now on a power cut leaves the receipts too, and not the intents alone.</summary>
    public void SyncReceipts() => _receipts?.Sync();

    /// <summary>
    /// Begins a new intents file when the old one has grown or the receipts have moved on, and removes the old: intents must
    /// go before their receipts are forgotten. No batch may be begun and unfinished.
    /// </summary>
    public void Recycle()
    {
        if (_intents!.Committed < _options.IntentBytesMax && !_isRecycleDue) return;
        _isRecycleDue = false;
        _receipts?.Sync();
        _removal.Finish();
        var old = _intents;
        _intents = OpenIntents();
        old.Dispose();
        _removal.Begin(old.Name);
    }

    public void Dispose()
    {
        _intents?.Dispose();
        _receipts?.Dispose();
        _removal.Dispose();
    }

    void ReadReceipts()
    {
        var files = Numbers("receipts.");
        if (files.Count > 0) _nextReceipts = files[^1] + 1;
        foreach (var file in files)
        {
            using var reader = OpenToRead(ReceiptsName(file), _receiptOptions);
            if (reader is null) continue;
            foreach (var record in reader.Read())
            {
                var entry = LedgerEntry.FromBytes(record.Payload.Span);
                _index.Add(entry.Id, file, record.Position, entry.At);
                Note(entry);
            }
            DamagedBytes += reader.DamagedBytes;
            if (!_index.Has(file)) _index.AddEmpty(file);
        }
    }

    void ReadIntents()
    {
        var begun = new Dictionary<BatchId, (int Order, BegunBatch Batch)>();
        var order = 0;
        foreach (var file in Numbers("intents."))
        {
            _nextIntents = file + 1;
            using var reader = OpenToRead(IntentsName(file), _intentOptions);
            if (reader is null) continue;
            foreach (var record in reader.Read())
            {
                var head = record.Payload.Span.IndexOf((byte)'\n');
                var entry = LedgerEntry.FromBytes(record.Payload.Span[..head]);
                // An intent that was renewed has a later one in a later file, and that one counts.
                if (_index.TryFind(entry.Id, out _, out _))
                {
                    _settledBefore.Add(entry);
                    Note(entry);
                }
                else begun[entry.Id] = (order++, new BegunBatch(entry, record.Payload[(head + 1)..].ToArray()));
            }
            DamagedBytes += reader.DamagedBytes;
            _oldIntents.Add(IntentsName(file));
        }
        Begun = [.. begun.Values.OrderBy(one => one.Order).Select(one => one.Batch)];
    }

    void Note(LedgerEntry entry)
    {
        foreach (var part in entry.Parts)
        {
            var name = part.Name;
            var known = _ends.TryGetValue(name.Channel, out var end) ? name.CompareTo(end.Name) : 1;
            if (known > 0 || (known == 0 && part.End > end.Length)) _ends[name.Channel] = new FileEnd(name, part.End);
        }
    }

    // With room for the file that is about to be filled, so that the bound holds when it is full.
    void Forget(DateTimeOffset now)
    {
        _removal.Finish();
        var countMax = Math.Max(ReceiptsPerFile, _options.ReceiptsMax - ReceiptsPerFile);
        foreach (var file in _index.Forget(now - _options.ReceiptRetention, countMax)) _directory.Delete(ReceiptsName(file));
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

    RecordLog OpenIntents() => RecordLog.Open(_directory, IntentsName(_nextIntents++), _intentOptions);

    List<int> Numbers(string prefix)
    {
        var numbers = new List<int>();
        foreach (var name in _directory.List())
            if (name.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) numbers.Add(number);
        numbers.Sort();
        return numbers;
    }

    static string IntentsName(int number) => string.Create(CultureInfo.InvariantCulture, $"intents.{number:d6}");
    static string ReceiptsName(int number) => string.Create(CultureInfo.InvariantCulture, $"receipts.{number:d6}");
}

/// <summary>A batch whose intent is there and whose receipt is not.</summary>
sealed record BegunBatch(LedgerEntry Entry, ReadOnlyMemory<byte> Lines);

/// <summary>A file and the length that we gave it.</summary>
readonly record struct FileEnd(LogFileName Name, long Length);
