using System.Text.Unicode;
using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Claims;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Verify;

// Files of text are compared with their receipts alone: bytes, checksums and how many records they are. Their lines
// name no source and no number, so what only lines can show (a record that is there twice, or behind a later one) is
// not seen in them.
//
// The plan, which works on a directory that is being written to:
//
//   1. the length of every log file is taken; what is appended later is not read
//   2. the ledger is read, later than the lengths, so that every byte below them belongs to an intent in it
//   3. every line is read: is it a record, was its number seen before, is it behind a higher one of its source and channel
//   4. every receipt is compared with its bytes: length and checksum
//   5. numbers that are nowhere are lost: those that a receipt or the sender's log names, and gaps among those that are here

/// <summary>
/// Compares the files of a log directory with its ledger, its dead letters and, if there is one, a sender's log.
/// </summary>
sealed class Verifier(StoreDirectory root, LogWriterOptions options)
{
    // A header may name any numbers.
    const long NumbersMax = 1_000_000;

    // One for all directories that are verified together.
    VerifyBook _book = new();
    bool _isOneOfSeveral;
    readonly List<(LogFileName Name, long Length)> _files = [];
    // How long files are by now; null: gone.
    readonly Dictionary<LogFileName, long?> _now = [];

    /// <summary>Other workers have a part of the batches: gaps are no loss.</summary>
    public bool IsShared { get; init; }

    /// <summary>The sender's log of what was accepted; null: there is none.</summary>
    public Dictionary<(string Source, string Instance), SequenceSet>? Acknowledged { get; init; }

    /// <summary>The numbers in dead letters; a count of 0: an unknown number of them.</summary>
    public IEnumerable<(BatchId Batch, long Count)> DeadLetters { get; init; } = [];

    string RootPath => root.Path;

    VerifyReport Report => _book.Report;

    public VerifyReport Run() => Run([this]);

    /// <summary>Verifies directories that workers share: a record is in one of them.</summary>
    /// <param name="directories">At least one; the sender's log of the first one counts, and whether it is
    /// shared.</param>
    public static VerifyReport Run(IReadOnlyList<Verifier> directories)
    {
        var first = directories[0];
        var book = first._book;
        foreach (var directory in directories)
        {
            directory._book = book;
            // Workers that share a source keep its order as well as they can, and promise none.
            directory._isOneOfSeveral = directories.Count > 1 || directory.IsShared;
            directory.ListFiles();
        }
        foreach (var directory in directories) directory.VerifyDirectory();
        if (!first.IsShared) book.ReportGaps();
        if (first.Acknowledged is { } acknowledged) book.ReportMissing(acknowledged);
        book.Report.Directory = string.Join(", ", directories.Select(directory => directory.RootPath));
        return book.Report;
    }

    /// <summary>Reads one directory; numbers that are in none are found later.</summary>
    void VerifyDirectory()
    {
        var ledger = LedgerSnapshot.Read(root, options);
        ExcuseDeadLetters();
        foreach (var entry in ledger.Begun) Excuse(entry);
        foreach (var entry in ledger.Written.Concat(ledger.Begun)) _book.AddKnown(entry.Id);
        ReadFiles(ledger);
        CompareReceipts(ledger.Written);
        Report.Files += _files.Count;
        Report.Bytes += _files.Sum(file => file.Length);
        Report.Receipts += ledger.Written.Count;
        Report.Unfinished += ledger.Begun.Count;
        Report.Filtered += ledger.Written.Sum(entry => (long)entry.Filtered);
        Report.LedgerDamagedBytes += ledger.DamagedBytes;
    }

    void ListFiles()
    {
        foreach (var channel in StoredLogFile.Channels(root))
            foreach (var file in StoredLogFile.Of(root, channel))
                if (LengthOf(file.Name) is { } length) _files.Add((file.Name, length));
    }

    void ExcuseDeadLetters()
    {
        foreach (var (batch, count) in DeadLetters)
        {
            if (count == 0) _book.ExcuseFrom(batch);
            _book.Excuse(batch, count);
            Report.DeadLettered += count;
        }
    }

    void ReadFiles(LedgerSnapshot ledger)
    {
        // A line of an unfinished batch may be torn.
        var unfinished = ledger.Begun.SelectMany(entry => entry.Parts)
            .ToLookup(part => part.File, StringComparer.Ordinal);
        // Lines of a retried dead letter stand behind those that were written meanwhile.
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
                file.ReadLines(length, (offset, line, isEnded) =>
                    VerifyLine(name, offset, line, isEnded, last, unfinished[name.ToString()],
                        retried[name.ToString()]));
                if (!file.IsDamaged) continue;
                Report.RowOf(name.Channel, "").Corrupt++;
                Report.AddExample("corrupt", $"{name}", $"Its compressed form, {name.CompressedName}, is damaged.");
            }
        }
    }

    void VerifyLine(LogFileName name, long offset, ReadOnlySpan<byte> line, bool isEnded,
        Dictionary<(string, string), long> last, IEnumerable<LedgerPart> unfinished, IEnumerable<LedgerPart> retried)
    {
        RecordFacts facts = default;
        if (!isEnded || (name.Format.HasRecords() && !TryRead(line, out facts)))
        {
            var end = offset + line.Length;
            if (unfinished.Any(part => offset < part.End && end >= part.Offset)) return;
            Report.RowOf(name.Channel, "").Corrupt++;
            Report.AddExample("corrupt", $"{name}@{offset}",
                isEnded ? "The line is no JSON object." : "The file ends within a line.");
            return;
        }
        if (!name.Format.HasRecords()) return;
        var row = Report.RowOf(name.Channel, facts.Source ?? "");
        row.Records++;
        // Lines of other tools may have any number, or none.
        if (facts is not { Source: { } source, Instance: { } instance,
            Sequence: { } sequence and >= 0 and <= PipelineDefaults.SequenceMax }) return;
        if (!_book.AddFound((source, instance), sequence))
        {
            row.Duplicate++;
            Report.AddExample("duplicate", $"{source}/{instance}/{sequence}",
                $"It is there once more in {name} at byte {offset}.");
        }
        else if (last.TryGetValue((source, instance), out var before) && sequence < before)
        {
            if (_isOneOfSeveral || retried.Any(part => part.Offset <= offset && offset < part.End)) return;
            row.Reordered++;
            Report.AddExample("reordered", $"{source}/{instance}/{sequence}",
                $"It stands behind {before} in {name} at byte {offset}.");
        }
        last[(source, instance)] = sequence;
    }

    static bool TryRead(ReadOnlySpan<byte> line, out RecordFacts facts)
    {
        var isRecord = Utf8.IsValid(line) && RecordJson.IsObject(line);
        facts = isRecord ? RecordFacts.Read(line) : default;
        return isRecord;
    }

    void CompareReceipts(IReadOnlyCollection<LedgerEntry> written)
    {
        var lengths = _files.ToDictionary(file => file.Name.ToString(), file => file.Length, StringComparer.Ordinal);
        var whole = new List<(LedgerEntry Entry, LedgerPart Part)>();
        foreach (var entry in written)
        {
            var isRemoved = entry.Parts.Any(part => LengthNow(part.Name) is null);
            var isLater = entry.Parts.Any(part =>
                lengths.GetValueOrDefault(part.File) < part.End && LengthNow(part.Name) >= part.End);
            if (isRemoved) Report.Removed++;
            // No line shows these numbers; what was written of the batch is compared with its checksums.
            var isUnseen = entry.Filtered > 0 || entry.Parts.Any(part => !part.Name.Format.HasRecords());
            if (isRemoved || isLater || isUnseen) Excuse(entry);
            if (isLater) continue;
            foreach (var part in entry.Parts)
            {
                if (!lengths.TryGetValue(part.File, out var length)) continue;
                if (part.End <= length) whole.Add((entry, part));
                else
                {
                    Report.RowOf(part.Name.Channel, entry.Id.Source).Lost += part.RecordCount;
                    Excuse(entry);
                    Report.AddExample("lost", $"{part.File}@{part.Offset}",
                        $"Batch {entry.Batch} was written up to byte {part.End}; the file has {length}.");
                }
            }
        }
        foreach (var ofFile in whole.GroupBy(one => one.Part.Name))
        {
            if (TryOpen(ofFile.Key) is not { } file) continue;
            using (file)
                foreach (var (entry, part) in ofFile.OrderBy(one => one.Part.Offset)) CompareBytes(file, entry, part);
        }
    }

    void CompareBytes(LogContent file, LedgerEntry entry, LedgerPart part)
    {
        var bytes = new byte[part.Length];
        if (file.Read(bytes, part.Offset) == part.Length && Crc32C.Compute(bytes) == part.Crc)
        {
            if (part.Name.Format.HasRecords()) return;
            Report.RowOf(part.Name.Channel, entry.Id.Source).Records += part.RecordCount;
            Report.TextRecords += part.RecordCount;
            return;
        }
        Report.RowOf(part.Name.Channel, entry.Id.Source).Corrupt++;
        Report.AddExample("corrupt", $"{part.File}@{part.Offset}",
            $"The {part.Length} bytes of batch {entry.Batch} are not those that were written.");
    }

    void Excuse(LedgerEntry entry)
    {
        var count = entry.Origin is { } origin
            ? Math.Max(0, origin.LastSequence - entry.Id.FirstSequence + 1) : entry.Parts.Sum(part => (long)part.RecordCount);
        _book.Excuse(entry.Id, Math.Min(count, NumbersMax));
    }

    long? LengthNow(LogFileName name) => _now.TryGetValue(name, out var length) ? length : _now[name] = LengthOf(name);

    long? LengthOf(LogFileName name)
    {
        using var file = TryOpen(name);
        return file?.Length;
    }

    LogContent? TryOpen(LogFileName name) => LogContent.TryOpen(root, name);
}
