using System.Text.Unicode;
using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Claims;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Verify;

// Files of text are held against their receipts alone: bytes, checksums and how many records they are. Their lines name no source
// and no number, so what only lines can tell (a record that is there twice, or behind a later one) is not seen in them.
//
// The plan, which holds on a directory that is being written to:
//
//   1. the length of every log file is noted; what comes later is not looked at
//   2. the ledger is read, later than the lengths, so that every byte below them belongs to an intent in it
//   3. every line is read: is it a record, was its number seen before, is it behind a higher one of its source and channel
//   4. every receipt is held against its bytes: length and checksum
//   5. numbers that are nowhere are lost: those that a receipt or the sender's log names, and gaps among those that are here

/// <summary>Holds the files of a log directory against its ledger, its dead letters and, if there is one, a sender's log.</summary>
sealed class Verifier(StoreDirectory root, LogWriterOptions options)
{
    // A header may say anything of its numbers.
    const long NumbersMax = 1_000_000;

    // One for all directories that are looked at together.
    VerifyBook _book = new();
    bool _isOneOfSeveral;
    readonly List<(LogFileName Name, long Length)> _files = [];
    // How long files are by now; null: gone.
    readonly Dictionary<LogFileName, long?> _now = [];

    /// <summary>Other workers have a part of the batches: gaps are no loss.</summary>
    public bool IsShared { get; init; }

    /// <summary>What the sender says was accepted; null: nobody says.</summary>
    public Dictionary<(string Source, string Instance), SequenceSet>? Acknowledged { get; init; }

    /// <summary>What lies in dead letters.</summary>
    public IEnumerable<(BatchId Batch, long Count)> DeadLetters { get; init; } = [];

    public VerifyReport Run() => Run([this]);

    /// <summary>Looks at directories that workers share: a record belongs into one of them.</summary>
    /// <param name="directories">At least one; what the first one says of a sender's log and of other workers holds for all.</param>
    public static VerifyReport Run(IReadOnlyList<Verifier> directories)
    {
        var book = directories[0]._book;
        foreach (var directory in directories)
        {
            directory._book = book;
            // Workers that share a source keep its order as well as they can, and promise none.
            directory._isOneOfSeveral = directories.Count > 1 || directory.IsShared;
            directory.NoteFiles();
        }
        DirectorySums[] parts = [.. directories.Select(directory => directory.Look())];
        var first = directories[0];
        if (!first.IsShared) MissingNumbers.FindGaps(book);
        if (first.Acknowledged is { } acknowledged) MissingNumbers.FindAcknowledged(book, acknowledged);
        return new VerifyReport
        {
            Directory = string.Join(", ", parts.Select(part => part.Directory)),
            Files = parts.Sum(part => part.Files),
            Bytes = parts.Sum(part => part.Bytes),
            Receipts = parts.Sum(part => part.Receipts),
            Unfinished = parts.Sum(part => part.Unfinished),
            Removed = parts.Sum(part => part.Removed),
            Filtered = parts.Sum(part => part.Filtered),
            TextRecords = book.TextRecords,
            DeadLettered = parts.Sum(part => part.DeadLettered),
            LedgerDamagedBytes = parts.Sum(part => part.LedgerDamagedBytes),
            Acknowledged = first.Acknowledged?.Values.Sum(numbers => numbers.Count),
            Channels = [.. book.Channels.Values],
            Examples = book.Examples,
        };
    }

    /// <summary>What one directory has; what is nowhere is found later.</summary>
    DirectorySums Look()
    {
        var ledger = LedgerSnapshot.Read(root, options);
        var deadLettered = ExcuseDeadLetters();
        foreach (var entry in ledger.Begun) Excuse(entry);
        foreach (var entry in ledger.Written.Concat(ledger.Begun)) _book.Know(entry.Id);
        ReadFiles(ledger);
        var removed = CompareReceipts(ledger.Written);
        return new DirectorySums(
            Directory: root.Path,
            Files: _files.Count,
            Bytes: _files.Sum(file => file.Length),
            Receipts: ledger.Written.Count,
            Unfinished: ledger.Begun.Count,
            Removed: removed,
            Filtered: ledger.Written.Sum(entry => (long)entry.Filtered),
            DeadLettered: deadLettered,
            LedgerDamagedBytes: ledger.DamagedBytes);
    }

    void NoteFiles()
    {
        foreach (var channel in StoredLogFile.Channels(root))
            foreach (var file in StoredLogFile.Of(root, channel))
                if (LengthOf(file.Name) is { } length) _files.Add((file.Name, length));
    }

    long ExcuseDeadLetters()
    {
        var records = 0L;
        foreach (var (batch, count) in DeadLetters)
        {
            if (count == 0) _book.OpenEnds.Add((batch.Source, batch.Instance, batch.FirstSequence));
            _book.Excuse(batch, count);
            records += count;
        }
        return records;
    }

    void ReadFiles(LedgerSnapshot ledger)
    {
        // A line that is being written may be torn where the ledger says that it is not finished.
        var unfinished = ledger.Begun.SelectMany(entry => entry.Parts).ToLookup(part => part.File, StringComparer.Ordinal);
        // What was tried again stands behind what was written meanwhile.
        var retried = ledger.Written.Concat(ledger.Begun).Where(entry => entry.Id.Source == RetriedBatch.Source)
            .SelectMany(entry => entry.Parts).ToLookup(part => part.File, StringComparer.Ordinal);
        var last = new Dictionary<(string Source, string Instance), long>();
        ChannelName? channel = null;
        foreach (var (name, length) in _files)
        {
            if (channel != name.Channel) last.Clear();
            channel = name.Channel;
            if (TryOpen(name) is not { } file) continue;
            using (file)
            {
                LineScan.Read(file, length, (offset, line, isEnded) => Look(name, offset, line, isEnded, last, unfinished[name.ToString()], retried[name.ToString()]));
                if (!file.IsDamaged) continue;
                _book.Row(name.Channel, "").Corrupt++;
                _book.Example("corrupt", $"{name}", $"Its compressed form, {name.CompressedName}, is damaged.");
            }
        }
    }

    void Look(LogFileName name, long offset, ReadOnlySpan<byte> line, bool isEnded, Dictionary<(string, string), long> last, IEnumerable<LedgerPart> unfinished, IEnumerable<LedgerPart> retried)
    {
        RecordFacts facts = default;
        if (!isEnded || (name.Format.HasRecords() && !TryRead(line, out facts)))
        {
            var end = offset + line.Length;
            if (unfinished.Any(part => offset < part.End && end >= part.Offset)) return;
            _book.Row(name.Channel, "").Corrupt++;
            _book.Example("corrupt", $"{name}@{offset}", isEnded ? "The line is no JSON object." : "The file ends within a line.");
            return;
        }
        if (!name.Format.HasRecords()) return;
        var row = _book.Row(name.Channel, facts.Source ?? "");
        row.Records++;
        if (facts is not { Source: { } source, Instance: { } instance, Sequence: { } sequence }) return;
        if (!_book.See((source, instance), sequence))
        {
            row.Duplicate++;
            _book.Example("duplicate", $"{source}/{instance}/{sequence}", $"It is there once more in {name} at byte {offset}.");
        }
        else if (last.TryGetValue((source, instance), out var before) && sequence < before)
        {
            if (_isOneOfSeveral || retried.Any(part => part.Offset <= offset && offset < part.End)) return;
            row.Reordered++;
            _book.Example("reordered", $"{source}/{instance}/{sequence}", $"It stands behind {before} in {name} at byte {offset}.");
        }
        last[(source, instance)] = sequence;
    }

    static bool TryRead(ReadOnlySpan<byte> line, out RecordFacts facts)
    {
        var isRecord = Utf8.IsValid(line) && RecordJson.IsObject(line);
        facts = isRecord ? RecordScanner.Read(line) : default;
        return isRecord;
    }

    /// <returns>How many receipts speak of files that are gone.</returns>
    int CompareReceipts(IReadOnlyCollection<LedgerEntry> written)
    {
        var lengths = _files.ToDictionary(file => file.Name.ToString(), file => file.Length, StringComparer.Ordinal);
        var removed = 0;
        var whole = new List<(LedgerEntry Entry, LedgerPart Part)>();
        foreach (var entry in written)
        {
            var isRemoved = entry.Parts.Any(part => LengthNow(part.Name) is null);
            var isLater = entry.Parts.Any(part => lengths.GetValueOrDefault(part.File) < part.End && LengthNow(part.Name) >= part.End);
            if (isRemoved) removed++;
            // Numbers that no line shows; what was written of the batch is held against its checksums.
            var isUnseen = entry.Filtered > 0 || entry.Parts.Any(part => !part.Name.Format.HasRecords());
            if (isRemoved || isLater || isUnseen) Excuse(entry);
            if (isLater) continue;
            foreach (var part in entry.Parts)
            {
                if (!lengths.TryGetValue(part.File, out var length)) continue;
                if (part.End <= length) whole.Add((entry, part));
                else
                {
                    _book.Row(part.Name.Channel, entry.Id.Source).Lost += part.RecordCount;
                    Excuse(entry);
                    _book.Example("lost", $"{part.File}@{part.Offset}", $"Batch {entry.Batch} was written up to byte {part.End}; the file has {length}.");
                }
            }
        }
        foreach (var ofFile in whole.GroupBy(one => one.Part.Name))
        {
            if (TryOpen(ofFile.Key) is not { } file) continue;
            using (file)
                foreach (var (entry, part) in ofFile.OrderBy(one => one.Part.Offset)) CompareBytes(file, entry, part);
        }
        return removed;
    }

    void CompareBytes(LogContent file, LedgerEntry entry, LedgerPart part)
    {
        var bytes = new byte[part.Length];
        if (file.Read(bytes, part.Offset) == part.Length && Crc32C.Compute(bytes) == part.Crc)
        {
            if (part.Name.Format.HasRecords()) return;
            _book.Row(part.Name.Channel, entry.Id.Source).Records += part.RecordCount;
            _book.TextRecords += part.RecordCount;
            return;
        }
        _book.Row(part.Name.Channel, entry.Id.Source).Corrupt++;
        _book.Example("corrupt", $"{part.File}@{part.Offset}", $"The {part.Length} bytes of batch {entry.Batch} are not those that were written.");
    }

    void Excuse(LedgerEntry entry)
    {
        var count = entry.Came is { } came ? came.LastSequence - entry.Id.FirstSequence + 1 : entry.Parts.Sum(part => (long)part.RecordCount);
        _book.Excuse(entry.Id, Math.Min(count, NumbersMax));
    }

    long? LengthNow(LogFileName name) => _now.TryGetValue(name, out var length) ? length : _now[name] = LengthOf(name);

    long? LengthOf(LogFileName name)
    {
        using var file = TryOpen(name);
        return file?.Length;
    }

    LogContent? TryOpen(LogFileName name) => LogContent.TryOpen(root, name);

    /// <summary>What one directory adds to the report.</summary>
    readonly record struct DirectorySums(
        string Directory, int Files, long Bytes, int Receipts, int Unfinished, int Removed, long Filtered, long DeadLettered, long LedgerDamagedBytes);
}
