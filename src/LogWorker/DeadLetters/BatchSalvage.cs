using Google.Protobuf;
using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Formats;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace LogPipeline.Worker.DeadLetters;

/// <summary>
/// Divides a batch that cannot be written whole: every record that is one and belongs to it can be, the others make the
/// dead letter. Where records cannot be told apart, or header and array do not match, all of it is dead. The same batch
/// is divided the same way every time.
/// </summary>
static class BatchSalvage
{
    /// <summary>A batch with more bad records is a letter as a whole: a reason for each would take more than they.</summary>
    const int BadRecordsMax = 1_000;

    /// <summary>A larger header is left out of the letter; what is sent again has one of its own.</summary>
    const int HeaderBytesMax = 64 * 1024;

    /// <param name="workflow">The workflow's id.</param>
    /// <param name="header">The batch's header.</param>
    /// <param name="array">Its records.</param>
    /// <param name="whole">Why it cannot be written whole.</param>
    /// <param name="now">When this was found.</param>
    /// <param name="rules">What good records become.</param>
    /// <returns>What can be written (null: nothing, and no batch either), and the letter.</returns>
    public static (PreparedBatch? Good, DeadLetter Letter) Divide(string workflow, LogBatchHeader? header,
        ReadOnlyMemory<byte> array, string whole, DateTimeOffset now, ChannelRules? rules = null)
    {
        var (id, good, letter) = Sort(workflow, header, array, whole, now);
        if (id is not { } batch) return (null, letter);
        try
        {
            return (LineJoiner.Join(header!, batch, good, rules ?? ChannelRules.Plain), letter);
        }
        catch (Exception e) when (BatchPreparer.IsFaultOfBatch(e))
        {
            return (null, Whole(workflow, header, array, e.Message, now));
        }
    }

    /// <summary>The records that can be written of a batch that cannot be written whole.</summary>
    public static IReadOnlyList<RoutedRecord> Good(string workflow, LogBatchHeader header,
        ReadOnlyMemory<byte> array) =>
        Sort(workflow, header, array, "", DateTimeOffset.UnixEpoch).Good;

    static (BatchId? Id, List<RoutedRecord> Good, DeadLetter Letter) Sort(string workflow, LogBatchHeader? header,
        ReadOnlyMemory<byte> array, string whole, DateTimeOffset now)
    {
        if (IdOf(workflow, header) is not { } id) return (null, [], Whole(workflow, header, array, whole, now));
        if (Split(array) is not { } records || records.Count != header!.RecordCount)
            return (id, [], Whole(workflow, header, array, whole, now));

        var good = new List<RoutedRecord>();
        var bad = new List<(int Index, ReadOnlyMemory<byte> Record, string Reason)>();
        for (var i = 0; i < records.Count; i++)
        {
            RoutedRecord routed = default;
            var reason = IsOneObject(records[i].Span)
                ? BatchPreparer.Validate(header, id, records[i], i, out routed)
                : $"Record {i + 1} of batch {id} is no JSON object on one line.";
            if (reason is not null) bad.Add((i, records[i], reason));
            else good.Add(routed);
        }
        // Each record is sound, or none: what is wrong is the batch.
        if (bad.Count is 0 or > BadRecordsMax) return (id, [], Whole(workflow, header, array, whole, now));
        return (id, good, Of(workflow, header, bad, now));
    }

    /// <summary>All of a batch as one letter.</summary>
    public static DeadLetter Whole(string workflow, LogBatchHeader? header, ReadOnlyMemory<byte> array, string reason,
        DateTimeOffset now) => new(new DeadLetterHead
    {
        Workflow = workflow,
        At = now,
        Header = Kept(header),
        Parts = [new DeadLetterPart { Index = 0, RecordCount = header?.RecordCount ?? 0, Length = array.Length,
            Reason = reason, Form = DeadLetterForm.Array }],
        Crc = Crc32C.Compute(array.Span),
    }, array);

    /// <summary>All of a batch as a letter, with its records as they came.</summary>
    public static DeadLetter Unopened(string workflow, LogBatchHeader? header, Payload records, string reason,
        DateTimeOffset now)
    {
        var input = new Payloads { Payloads_ = { DataConverter.Default.PayloadConverter.ToPayload(header), records } };
        var bytes = input.ToByteArray();
        return new DeadLetter(new DeadLetterHead
        {
            Workflow = workflow,
            At = now,
            Header = Kept(header),
            Parts = [new DeadLetterPart { Index = 0, RecordCount = header?.RecordCount ?? 0, Length = bytes.Length,
                Reason = reason, Form = DeadLetterForm.Input }],
            Crc = Crc32C.Compute(bytes),
        }, bytes);
    }

    static DeadLetter Of(string workflow, LogBatchHeader header,
        List<(int Index, ReadOnlyMemory<byte> Record, string Reason)> bad, DateTimeOffset now)
    {
        using var bytes = new MemoryStream();
        var parts = new List<DeadLetterPart>();
        foreach (var (index, record, reason) in bad)
        {
            bytes.Write(record.Span);
            bytes.WriteByte((byte)'\n');
            parts.Add(new DeadLetterPart { Index = index, RecordCount = 1, Length = record.Length + 1,
                Reason = reason });
        }
        var all = bytes.ToArray();
        return new DeadLetter(new DeadLetterHead { Workflow = workflow, At = now, Header = Kept(header), Parts = parts,
            Crc = Crc32C.Compute(all) }, all);
    }

    static bool IsOneObject(ReadOnlySpan<byte> record) =>
        !record.ContainsAny((byte)'\n', (byte)'\r') && RecordJson.IsObject(record);

    // A header that is refused does not describe these records.
    static BatchId? IdOf(string workflow, LogBatchHeader? header)
    {
        try
        {
            return BatchAdmission.Admit(workflow, header).Id;
        }
        catch (BatchRefusedException)
        {
            return null;
        }
    }

    static LogBatchHeader? Kept(LogBatchHeader? header) =>
        JsonSerializer.SerializeToUtf8Bytes(header, DeadLetterJson.Default.LogBatchHeader).Length <= HeaderBytesMax
            ? header : null;

    /// <summary>
    /// The records, or, where the array is no JSON, its lines as a publisher lays them out; null: it is not laid out
    /// so.
    /// </summary>
    static IReadOnlyList<ReadOnlyMemory<byte>>? Split(ReadOnlyMemory<byte> array)
    {
        try
        {
            return LogBatchRecords.Decode(array);
        }
        catch (JsonException)
        {
            if (!array.Span.StartsWith("[\n"u8) || !array.Span.EndsWith("\n]"u8) || array.Length < 4) return null;
        }
        var lines = new List<ReadOnlyMemory<byte>>();
        for (var rest = array[2..^2]; ;)
        {
            if (lines.Count == PipelineDefaults.BatchRecordsLimit) return null;
            var end = rest.Span.IndexOf(",\n"u8);
            lines.Add(end < 0 ? rest : rest[..end]);
            if (end < 0) return lines;
            rest = rest[(end + 2)..];
        }
    }
}
