using System.Runtime.CompilerServices;
using Google.Protobuf;
using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Observability;
using LogPipeline.Workflows.Codecs;
using Temporalio.Api.Common.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.DeadLetters;

/// <summary>
/// Batches whose input nobody can read: damaged, encrypted with another key of the same id, or with a header that is
/// none. Their workflows cannot begin, so that they can neither end themselves nor take a signal: it is done from
/// outside, by a person's command. A batch whose key is missing, or that needs a newer worker, is none of them.
/// </summary>
/// <param name="client">Without a codec: the input is kept as Temporal has it.</param>
/// <param name="codec">Reads what it can.</param>
/// <param name="box">Where the letters go.</param>
/// <param name="taskQueue">Whose batches.</param>
/// <param name="time">Dates the letters.</param>
sealed class UnreadableBatches(ITemporalClient client, PipelineCodec codec, DeadLetterBox box, string taskQueue,
    TimeProvider time)
{
    static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Finds batches that wait and have not begun; whatever has begun was read.</summary>
    public static string QueryOf(string taskQueue) => BacklogQuery.Of(taskQueue) + " AND TemporalChangeVersion IS NULL";

    /// <exception cref="RpcException">Temporal does not say.</exception>
    public async IAsyncEnumerable<UnreadableBatch> FindAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rpc = new RpcOptions { Timeout = CallTimeout, CancellationToken = cancellationToken };
        await foreach (var execution in client.ListWorkflowsAsync(QueryOf(taskQueue), new WorkflowListOptions { Rpc = rpc })
            .ConfigureAwait(false))
        {
            var beginning = await BatchInput.GetBeginningAsync(
                client, execution.Id, execution.RunId, countMax: 1, rpc).ConfigureAwait(false);
            if (beginning.Count == 0) continue;
            // A workflow that was started with nothing has no input.
            var input = BatchInput.Of(beginning) ?? new Payloads();
            if (UnreadableBatch.Judge(input, codec) is var (reason, header))
                yield return new UnreadableBatch(execution.Id, execution.RunId, input, reason, header);
        }
    }

    /// <summary>Takes one out of Temporal when its letter is on the disk, and not before.</summary>
    /// <returns>The letter's name.</returns>
    /// <exception cref="IOException">The letter could not be kept; the batch waits on.</exception>
    /// <exception cref="RpcException">Temporal did not end the workflow; the same letter serves when it is tried
    /// again.</exception>
    public async Task<string> KeepAsync(UnreadableBatch batch, CancellationToken cancellationToken)
    {
        var letter = LetterOf(batch, time.GetUtcNow());
        await box.WriteAsync(letter, cancellationToken).ConfigureAwait(false);
        try
        {
            var rpc = new RpcOptions { Timeout = CallTimeout, CancellationToken = cancellationToken };
            await client.GetWorkflowHandle(batch.Workflow, batch.RunId)
                .TerminateAsync($"Kept as dead letter {letter.Name}: {batch.Reason}", new() { Rpc = rpc })
                .ConfigureAwait(false);
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            // Ended meanwhile; the letter is one too many, and says so by its workflow's id.
        }
        return letter.Name;
    }

    static DeadLetter LetterOf(UnreadableBatch batch, DateTimeOffset now)
    {
        var bytes = batch.Input.ToByteArray();
        return new DeadLetter(new DeadLetterHead
        {
            Workflow = batch.Workflow,
            At = now,
            Header = batch.Header,
            Parts =
            [
                new DeadLetterPart
                {
                    Index = 0, RecordCount = batch.Header?.RecordCount ?? 0, Length = bytes.Length,
                    Reason = batch.Reason, Form = DeadLetterForm.Input,
                },
            ],
            Crc = Crc32C.Compute(bytes),
        }, bytes);
    }
}

/// <summary>A batch that waits in Temporal and that nobody can read.</summary>
/// <param name="Reason">Why its input cannot be read.</param>
/// <param name="Header">Null: it cannot be read either.</param>
sealed record UnreadableBatch(string Workflow, string RunId, Payloads Input, string Reason, LogBatchHeader? Header)
{
    /// <returns>Why a workflow's input cannot be read, and its header if that can. Null: it can be read, or could be by
    /// a process that has a key, a codec or a version that this one lacks.</returns>
    public static (string Reason, LogBatchHeader? Header)? Judge(Payloads input, PipelineCodec codec)
    {
        if (input.Payloads_.Count != 2)
            return ($"The workflow has {input.Payloads_.Count} arguments; a batch has two.", null);
        var (header, isOurs, reason) = HeaderOf(input.Payloads_[0], codec);
        if (!isOurs) return null;
        if (reason is not null) return (reason, null);
        try
        {
            codec.Decode(input.Payloads_[1]);
            return null;
        }
        catch (PayloadNotReadableException e)
        {
            return e.MissingKey is null ? (e.Message, header) : null;
        }
    }

    static (LogBatchHeader? Header, bool IsOurs, string? Reason) HeaderOf(Payload payload, PipelineCodec codec)
    {
        try
        {
            var open = codec.Decode(payload);
            if (!open.Metadata.TryGetValue("encoding", out var encoding) || encoding.ToStringUtf8() != "json/plain")
                return (null, false, null);
            using var json = JsonDocument.Parse(open.Data.Memory);
            if (json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("version", out var version)
                && version.TryGetInt32(out var number)
                && number > LogBatchHeader.CurrentVersion) return (null, false, null);
            return (json.RootElement.Deserialize<LogBatchHeader>(), true, null);
        }
        catch (PayloadNotReadableException e)
        {
            return (null, e.MissingKey is null, e.Message);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, true, $"The header is none: {e.Message}");
        }
    }
}
