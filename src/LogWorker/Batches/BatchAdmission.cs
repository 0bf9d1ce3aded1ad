using System.Diagnostics.CodeAnalysis;
using LogPipeline.Worker.Files;

namespace LogPipeline.Worker.Batches;

// Whoever may start a workflow in the namespace has written what comes here: every value may be any value. Behind this
// check, names are names, numbers can be added, and a batch waits for none that comes after it. What its records are is
// found by BatchPreparer, and how many files they need by LineJoiner; both are pure, so that whatever goes wrong in
// them is the batch's own fault.

/// <summary>The door of the worker: what a batch's header says is checked here before anything else happens.</summary>
static class BatchAdmission
{
    /// <summary>
    /// Most channels of one batch, as many as a publisher puts records into one by default. Each is a range of a file,
    /// and an entry in intent and receipt; with more the receipt would be larger than Temporal takes as a result.
    /// </summary>
    public const int ChannelsMax = 10_000;

    /// <summary>Most names of levels in a header; there are six.</summary>
    public const int NamesMax = 100;

    /// <summary>Longest workflow id of Temporal.</summary>
    const int WorkflowIdLengthMax = BoundedText.LengthMax;

    /// <summary>The source of dead letters that are tried again; only their records may be of other batches.</summary>
    public const string RetrySource = "dead-letters";

    /// <summary>The header by which a workflow's batch is written.</summary>
    /// <exception cref="BatchRefusedException">It can never be written.</exception>
    /// <exception cref="NewerBatchException">A newer worker is needed.</exception>
    public static LogBatchHeader Admit(string workflow, LogBatchHeader? header)
    {
        var id = Admit(header);
        if (id.ToString() == workflow) return header;
        // An input that nobody could read is tried again as it was, under the name of its letter.
        if (BatchId.TryParse(workflow, out var letter) && letter.Source == RetrySource)
            return header with
            {
                Source = letter.Source, Instance = letter.Instance, FirstSequence = letter.FirstSequence,
                LastSequence = Math.Min(PipelineDefaults.SequenceMax, letter.FirstSequence + header.RecordCount - 1),
                Previous = null, RetryOf = id.ToString(),
            };
        // Else one workflow could take the place of another's batch.
        throw new BatchRefusedException($"The header names batch {id}, and its workflow is another.");
    }

    /// <summary>Checks a header whose workflow is not known.</summary>
    /// <returns>The batch that it names.</returns>
    /// <inheritdoc cref="Admit(string, LogBatchHeader?)"/>
    public static BatchId Admit([NotNull] LogBatchHeader? header)
    {
        if (header is null) throw new BatchRefusedException("The header is null.");
        if (header.Version > LogBatchHeader.CurrentVersion)
            throw new NewerBatchException($"The batch has version {header.Version}; this worker knows version "
                + $"{LogBatchHeader.CurrentVersion}. Start a worker of the publisher's version.");
        if (header.Version < 1) throw new BatchRefusedException($"The header has version {header.Version}.");
        var id = IdOf(header);
        if (Fault(header, id) is { } fault) throw new BatchRefusedException($"The header of batch {id} {fault}");
        return id;
    }

    static BatchId IdOf(LogBatchHeader header)
    {
        try
        {
            return header.Id;
        }
        catch (ArgumentException e)
        {
            throw new BatchRefusedException($"The header names no batch: {e.Message}", e);
        }
    }

    static string? Fault(LogBatchHeader header, BatchId id)
    {
        if (header.LastSequence < header.FirstSequence || header.LastSequence > PipelineDefaults.SequenceMax)
            return $"ends with number {header.LastSequence}.";
        if (header.RecordCount is < 1 or > PipelineDefaults.BatchRecordsLimit)
            return $"names {header.RecordCount} records; a batch has 1 to {PipelineDefaults.BatchRecordsLimit}.";
        if (header.Bytes < 0) return $"names {header.Bytes} bytes.";
        return CountFault("levels", header.Levels, NamesMax)
            ?? CountFault("channels", header.Channels, BoundedCounts.NamesMax + 1)
            ?? PreviousFault(header, id) ?? RetryFault(header);
    }

    static string? CountFault(string field, IReadOnlyDictionary<string, int>? counts, int namesMax)
    {
        if (counts is null) return $"has no {field}.";
        if (counts.Count > namesMax) return $"has {counts.Count} {field}; {namesMax} at most.";
        foreach (var count in counts.Values)
            if (count is < 0 or > PipelineDefaults.BatchRecordsLimit) return $"counts {count} in its {field}.";
        return null;
    }

    static string? PreviousFault(LogBatchHeader header, BatchId id)
    {
        if (header.Previous is null) return null;
        if (header.PreviousId is not { } previous) return "has a previous batch that is none.";
        // Of another instance it may be any: clocks are set back. RowWalk notices a circle.
        var isAfter = previous.Instance == id.Instance && previous.FirstSequence >= id.FirstSequence;
        return isAfter || previous.Source != id.Source ? $"has a previous batch that is not before it, {previous}." : null;
    }

    static string? RetryFault(LogBatchHeader header) =>
        header.RetryOf is { } of && (header.Source != RetrySource || of.Length > WorkflowIdLengthMax)
            ? "names a batch that is tried again, and is of another source than dead letters are." : null;
}

/// <summary>The batch's shape is unknown to this worker; a newer one will write it.</summary>
sealed class NewerBatchException(string message) : Exception(message);
