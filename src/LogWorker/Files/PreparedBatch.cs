using System.Collections.ObjectModel;
using LogPipeline.Worker.Claims;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Files;

/// <summary>A batch as it will lie in the files: one part a channel, each whole lines in the records' order.</summary>
/// <param name="Id">Its name in the ledger.</param>
/// <param name="Lines">The parts' bytes, one behind the other.</param>
/// <param name="Parts">At least one.</param>
/// <param name="Previous">The batch of the same source and instance that comes before it; null: none, or none that will
/// come.</param>
/// <param name="IsUrgent">It goes before those of other sources that wait.</param>
sealed record PreparedBatch(BatchId Id, ReadOnlyMemory<byte> Lines, IReadOnlyList<PreparedPart> Parts,
    BatchId? Previous = null, bool IsUrgent = false)
{
    public int RecordCount => Parts.Sum(part => part.RecordCount);

    /// <summary>It waits for no other: the one before it is known to be written elsewhere, or never to come.</summary>
    public bool IsSettled { get; init; }

    /// <summary>What it was before it became lines.</summary>
    public BatchOrigin? Origin { get; init; }

    /// <summary>Records whose level is under their channel's least; they have no line.</summary>
    public int Filtered { get; init; }

    /// <summary>Lines by channel and level; a null level is one that is not known.</summary>
    public IReadOnlyDictionary<(string Channel, RecordLevel? Level), int> Volume { get; init; } =
        ReadOnlyDictionary<(string Channel, RecordLevel? Level), int>.Empty;

    /// <summary>When its first event was logged, by its publisher's clock; null: that is not known.</summary>
    public DateTimeOffset? LoggedAt { get; init; }

    /// <summary>Why a writer with these bounds can never take it; null: it can.</summary>
    public string? FaultBy(LogWriterOptions options)
    {
        if (Lines.Length > options.BatchBytesMax)
            return $"has {Lines.Length} bytes of lines; this worker takes {options.BatchBytesMax}.";
        if (Parts.Count > options.BatchPartsMax)
            return $"has {Parts.Count} channels; this worker takes {options.BatchPartsMax}.";
        return Parts.Any(part => part.Length < 0) || Parts.Sum(part => (long)part.Length) != Lines.Length
            ? "has parts that are not its lines." : null;
    }

    /// <summary>
    /// Whether the ledger's entry of the same id is of the same records. Their lines may differ: settings can have
    /// changed between two attempts, and what was begun stays as it was begun.
    /// </summary>
    public bool IsSame(LedgerEntry entry)
    {
        if (entry.Origin is not null && Origin is not null) return entry.Origin == Origin;
        // Of an earlier version, which wrote records as they are; how they would be written now does not show whether
        // they are the same.
        if (Filtered > 0 || Parts.Any(part => part.Format != LogFormat.Clef)) return true;
        return entry.Parts.Select(part => (part.Length, part.Crc))
            .SequenceEqual(Parts.Select(part => (part.Length, part.Crc)));
    }
}

/// <summary>Lines of one channel.</summary>
readonly record struct PreparedPart(string Channel, int Length, int RecordCount, uint Crc, LogFormat Format =
    LogFormat.Clef);

/// <summary>What became of a batch.</summary>
/// <param name="Entry">Where it lies.</param>
/// <param name="AlreadyWritten">An earlier attempt had written it.</param>
/// <param name="Worker">Which worker has it, if not this one.</param>
sealed record WriteOutcome(LedgerEntry Entry, bool AlreadyWritten, string? Worker = null);
