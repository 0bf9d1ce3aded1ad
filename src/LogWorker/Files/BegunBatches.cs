using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Claims;

namespace LogPipeline.Worker.Files;

/// <summary>
/// Decides where begun batches are finished. They keep their ranges, except where a file ends in front of its range:
/// another program cut or removed it. Lines that are in a compressed file already are not written again.
/// </summary>
sealed class BegunBatches(StoreDirectory root, OpenLogFiles files, FileAllocator allocator, DateTimeOffset now)
{
    readonly Dictionary<LogFileName, long> _reached = [];

    /// <returns>Each batch with its ranges, and those of its parts that are in compressed files already.</returns>
    public List<(BegunBatch Batch, IReadOnlySet<LedgerPart> Compressed)> Relocate(IReadOnlyList<BegunBatch> begun)
    {
        var relocated = new List<(BegunBatch, IReadOnlySet<LedgerPart>)>(begun.Count);
        foreach (var batch in begun)
        {
            var parts = new List<LedgerPart>(batch.Entry.Parts.Count);
            var compressed = new HashSet<LedgerPart>();
            foreach (var part in batch.Entry.Parts)
            {
                if (LengthOf(part.Name) is not { } length)
                {
                    if (IsIn(part)) compressed.Add(part);
                    parts.Add(compressed.Contains(part) ? part : Reallocate(part));
                }
                else parts.Add(length < part.Offset ? Reallocate(part) : part);
                _reached[parts[^1].Name] = Math.Max(_reached.GetValueOrDefault(parts[^1].Name), parts[^1].End);
            }
            relocated.Add((batch with { Entry = batch.Entry with { Parts = parts } }, compressed));
        }
        return relocated;
    }

    /// <summary>
    /// How long the file is, or will be when what comes before is written; null: it is compressed, so nothing is added.
    /// </summary>
    long? LengthOf(LogFileName name)
    {
        if (files.LengthOf(name) is { } length)
            return _reached.TryGetValue(name, out var reached) ? Math.Max(reached, length) : length;
        return IsCompressed(name) ? null : _reached.GetValueOrDefault(name);
    }

    LedgerPart Reallocate(LedgerPart part)
    {
        var (name, offset) = allocator.AllocateNew(part.Name.Channel, part.Length,
            DateOnly.FromDateTime(now.UtcDateTime), part.Name.Format);
        return part with { File = name.ToString(), Offset = offset };
    }

    bool IsCompressed(LogFileName name) =>
        root.EntryOf(name.Channel.ToString()) == StoreEntry.Directory
            && root.Directory(name.Channel.ToString()).EntryOf(name.CompressedName) == StoreEntry.File;

    bool IsIn(LedgerPart part)
    {
        using var content = LogContent.TryOpen(root, part.Name);
        var bytes = new byte[part.Length];
        return content?.Read(bytes, part.Offset) == part.Length && Crc32C.Compute(bytes) == part.Crc;
    }
}

/// <summary>A batch with an intent and no receipt.</summary>
sealed record BegunBatch(LedgerEntry Entry, ReadOnlyMemory<byte> Lines);
