using System.Security.Cryptography;
using LogPipeline.Worker.Batches;
using LogPipeline.Workflows.Codecs;
using Temporalio.Api.Common.V1;
using Temporalio.Client;
using Temporalio.Converters;

namespace LogPipeline.Worker.DeadLetters;

/// <summary>
/// A dead letter as a workflow of its own. Its name follows from the letter, so that a retry whose answer was lost is
/// started once; a letter that it becomes has another name, as its time is another.
/// </summary>
sealed record RetriedBatch(BatchId Id, LogBatchHeader? Header, IReadOnlyList<Payload> Input)
{
    /// <summary>The source of such batches; their records keep their own.</summary>
    public const string Source = BatchAdmission.RetrySource;

    /// <summary>The input is as Temporal had it: a client with a codec would encode it once more.</summary>
    public bool IsEncoded => Header is null;

    public static RetriedBatch Of(DeadLetter letter, string name)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{name} {letter.Head.At:O}"));
        var id = new BatchId(Source, Convert.ToHexStringLower(hash.AsSpan(0, 16)), 1);
        if (letter.Head.Form == DeadLetterForm.Input)
            return new RetriedBatch(id, null, [.. Payloads.Parser.ParseFrom(letter.Bytes.Span).Payloads_]);

        var isArray = letter.Head.Form == DeadLetterForm.Array;
        var records = isArray ? letter.Bytes.ToArray() : LogBatchRecords.Encode(Lines(letter));
        var count = isArray ? CountOf(records) ?? letter.Head.RecordCount : letter.Head.RecordCount;
        var first = letter.Head.Header;
        // What the header says may be why the letter is dead; what is sent again is made anew.
        var header = new LogBatchHeader
        {
            Source = id.Source,
            Instance = id.Instance,
            FirstSequence = 1,
            LastSequence = Math.Max(1, count),
            RetryOf = letter.Head.Workflow,
            RecordCount = count,
            Bytes = records.Length,
            From = first?.From ?? letter.Head.At,
            To = first?.To ?? letter.Head.At,
            Levels = Sound(first?.Levels),
            Channels = Sound(first?.Channels),
        };
        return new RetriedBatch(id, header,
            [DataConverter.Default.PayloadConverter.ToPayload(header), BatchStart.PayloadOf(records)]);
    }

    /// <summary>
    /// With every payload of an input encoded: one that a worker has opened is not sent to Temporal as it lies here.
    /// </summary>
    public RetriedBatch Encoded(PipelineCodec codec) => !IsEncoded ? this : this with
    {
        Input = [.. Input.Select(payload => EncryptedPayload.Is(payload) ? payload : codec.Encode(payload))],
    };

    public Task StartAsync(ITemporalClient client, string taskQueue, CancellationToken cancellationToken) =>
        BatchStart.StartAsync(client, Id, Header, Input, taskQueue, cancellationToken);

    static Dictionary<string, int> Sound(IReadOnlyDictionary<string, int>? counts) =>
        counts is { Count: <= BatchAdmission.NamesMax }
            ? counts.Where(one => one.Value is >= 0 and <= PipelineDefaults.BatchRecordsLimit).ToDictionary() : [];

    // A header may have been wrong about it, and may be why the letter is dead.
    static int? CountOf(byte[] array)
    {
        try
        {
            return LogBatchRecords.Decode(array).Count;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    static List<ReadOnlyMemory<byte>> Lines(DeadLetter letter)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        var at = 0;
        foreach (var part in letter.Head.Parts)
        {
            lines.Add(letter.Bytes.Slice(at, part.Length - 1));
            at += part.Length;
        }
        return lines;
    }
}
