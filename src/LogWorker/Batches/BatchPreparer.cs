using System.Text.Unicode;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Batches;

/// <summary>
/// Turns a batch as it comes from Temporal into lines, the records of a channel together and in their order: each
/// record as it is, one line feed behind it, unless the channel has another format. With the same settings the same
/// batch gives the same bytes.
/// </summary>
static class BatchPreparer
{
    /// <summary>Longest text of a record that a reason repeats.</summary>
    const int ShownLengthMax = 2 * PipelineDefaults.NameLengthMax;

    /// <exception cref="BatchRefusedException">Header and records do not match, or cannot be read; trying again will
    /// not help.</exception>
    /// <exception cref="NewerBatchException">A newer worker is needed.</exception>
    public static PreparedBatch Prepare(LogBatchHeader header, ReadOnlyMemory<byte> array, ChannelRules? rules = null)
    {
        var (id, records) = Read(header, array);
        return LineJoiner.Join(header, id, records, rules ?? ChannelRules.Plain);
    }

    /// <summary>
    /// Whether an exception of this class or of <see cref="LineJoiner"/> says that the batch cannot be written: they
    /// touch nothing but the batch, so that all do, but for a version that is to come and memory that has run out.
    /// </summary>
    public static bool IsFaultOfBatch(Exception e) => e is not (NewerBatchException or OutOfMemoryException);

    /// <summary>A batch's records, each validated.</summary>
    /// <exception cref="BatchRefusedException">As with <see cref="Prepare"/>.</exception>
    /// <exception cref="NewerBatchException">A newer worker is needed.</exception>
    public static (BatchId Id, List<RoutedRecord> Records) Read(LogBatchHeader header, ReadOnlyMemory<byte> array)
    {
        var id = BatchAdmission.Admit(header);
        var records = Decode(id, array);
        if (records.Count != header.RecordCount)
            throw new BatchRefusedException(
                $"The header of batch {id} names {header.RecordCount} records; the array holds {records.Count}.");

        var valid = new List<RoutedRecord>(records.Count);
        for (var i = 0; i < records.Count; i++)
        {
            if (Validate(header, id, records[i], i, out var routed) is { } reason)
                throw new BatchRefusedException(reason);
            valid.Add(routed);
        }
        return (id, valid);
    }

    /// <summary>Why a record cannot be written with its batch; null: it can, to this channel.</summary>
    public static string? Validate(LogBatchHeader header, BatchId id, ReadOnlyMemory<byte> record, int index,
        out RoutedRecord routed)
    {
        routed = default;
        if (!Utf8.IsValid(record.Span)) return $"Record {index + 1} of batch {id} is no UTF-8.";
        RecordFacts facts;
        try
        {
            facts = RecordFacts.Read(record.Span);
        }
        catch (JsonException e)
        {
            return $"Record {index + 1} of batch {id} is no JSON object: {JsonFault.Of(e)}";
        }
        var channel = string.IsNullOrEmpty(facts.Channel) ? PipelineDefaults.Channel : facts.Channel;
        routed = new RoutedRecord(record, channel, RecordLevels.Parse(facts.Level ?? facts.ClefLevel));
        return ForeignField(header, id, facts, index);
    }

    static IReadOnlyList<ReadOnlyMemory<byte>> Decode(BatchId id, ReadOnlyMemory<byte> array)
    {
        try
        {
            return LogBatchRecords.Decode(array);
        }
        catch (JsonException e)
        {
            throw new BatchRefusedException($"The records of batch {id} cannot be read: {JsonFault.Of(e)}", e);
        }
    }

    // A record of another tool may leave these fields out; one that has them must be of this batch.
    static string? ForeignField(LogBatchHeader header, BatchId id, RecordFacts facts, int index)
    {
        if (facts.Sequence is < 0 or > PipelineDefaults.SequenceMax)
            return Named(RecordFields.Sequence, facts.Sequence);
        // Those of a dead letter that is tried again keep their own.
        if (header.RetryOf is not null) return null;
        if (facts.Source is { } source && source != header.Source) return Named(RecordFields.Source, source);
        if (facts.Instance is { } instance && instance != header.Instance)
            return Named(RecordFields.Instance, instance);
        if (facts.Sequence is { } sequence && (sequence < header.FirstSequence || sequence > header.LastSequence))
            return Named(RecordFields.Sequence, sequence);
        return null;

        string Named(string field, object value) =>
            $"Record {index + 1} of batch {id} has {field} '{Shortened(value)}' and belongs to another batch.";

        static string Shortened(object value) =>
            value.ToString() is { Length: > ShownLengthMax } text ? text[..ShownLengthMax] + "…" : $"{value}";
    }
}
