using LogPipeline.Worker.Batches;
using LogPipeline.Workflows.Codecs;
using Temporalio.Api.Common.V1;

namespace LogPipeline.Worker.DeadLetters;

/// <summary>Who could read what this worker cannot.</summary>
enum ReadableBy
{
    /// <summary>Its bytes are wrong; nobody.</summary>
    Nobody,

    /// <summary>A worker with another key of the same id, or that takes what is not encrypted.</summary>
    OtherSettings,

    /// <summary>A worker with another key, codec or version.</summary>
    OtherWorker,
}

/// <summary>Why a workflow's input cannot be read here.</summary>
/// <param name="Reason">A sentence.</param>
/// <param name="By">Who could read it.</param>
/// <param name="Header">Null: it cannot be read either.</param>
/// <param name="MissingKey">The key's id with which it could be read; null: that is not what it lacks.</param>
sealed record UnreadableInput(string Reason, ReadableBy By, LogBatchHeader? Header = null, string? MissingKey = null)
{
    /// <returns>Null: a worker with this codec reads it.</returns>
    public static UnreadableInput? Judge(Payloads input, PipelineCodec codec)
    {
        if (input.Payloads_.Count == 0) return Arguments(0);
        LogBatchHeader? header = null;
        try
        {
            var first = codec.Decode([input.Payloads_[0]])[0];
            if (EncodingOf(first) != BatchInput.Json)
                return GzipPayload.Is(first)
                    ? new("The header is damaged, or holds more than a header may.", ReadableBy.Nobody)
                    : new($"The header is encoded as '{EncodingOf(first)}'.", ReadableBy.OtherWorker);
            (header, var fault) = HeaderOf(first);
            if (fault is not null) return fault;
            if (input.Payloads_.Count == 1) return Arguments(1);
            // As a task is decoded: the rest is the activity's, which refuses what is wrong with it.
            var records = codec.Decode(input.Payloads_)[1];
            return EncryptedPayload.Is(Inside(records))
                ? new("The records are encrypted within what is compressed.", ReadableBy.OtherWorker, header) : null;
        }
        catch (PayloadNotReadableException e)
        {
            return new(e.Message, ByOf(e), header, e.MissingKey);
        }
    }

    static ReadableBy ByOf(PayloadNotReadableException e)
    {
        if (e.MissingKey is not null) return ReadableBy.OtherWorker;
        return e.DependsOnSettings ? ReadableBy.OtherSettings : ReadableBy.Nobody;
    }

    static UnreadableInput Arguments(int count) =>
        new($"The workflow has {count} arguments; a batch has two.", ReadableBy.Nobody);

    static string EncodingOf(Payload payload) =>
        payload.Metadata.TryGetValue("encoding", out var encoding) ? encoding.ToStringUtf8() : "";

    static Payload Inside(Payload records)
    {
        try
        {
            return GzipPayload.Is(records) ? GzipPayload.Decompress(records) : records;
        }
        catch (PayloadNotReadableException)
        {
            return records;
        }
    }

    static (LogBatchHeader? Header, UnreadableInput? Fault) HeaderOf(Payload open)
    {
        try
        {
            using var json = JsonDocument.Parse(open.Data.Memory);
            if (json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("version", out var version)
                && version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out var number)
                && number > LogBatchHeader.CurrentVersion)
                return (null, new($"The batch has version {number}; this worker knows version "
                    + $"{LogBatchHeader.CurrentVersion}.", ReadableBy.OtherWorker));
            return (json.RootElement.Deserialize<LogBatchHeader>(), null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, new($"The header is none: {JsonFault.Of(e)}", ReadableBy.Nobody));
        }
    }
}
