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
/// Batches whose input cannot be read here. Their workflows cannot begin, so that they can neither end themselves nor
/// take a signal: it is done from outside, by a person's command, or by the worker (<see cref="UnreadableSweep"/>).
/// </summary>
/// <param name="client">Its codec is not asked: the input is kept as Temporal has it.</param>
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

    /// <summary>All that wait and have not begun, read or not, the newest first as a rule.</summary>
    /// <exception cref="RpcException">Temporal does not say.</exception>
    public IAsyncEnumerable<Temporalio.Client.WorkflowExecution> ListAsync(int countMax, CancellationToken cancellationToken) =>
        client.ListWorkflowsAsync(QueryOf(taskQueue),
            new WorkflowListOptions { Limit = countMax, Rpc = Rpc(cancellationToken) });

    /// <exception cref="RpcException">Temporal does not say.</exception>
    public async IAsyncEnumerable<UnreadableBatch> FindAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var execution in ListAsync(0, cancellationToken).ConfigureAwait(false))
            if (await LookAsync(execution.Id, execution.RunId, cancellationToken).ConfigureAwait(false) is { } batch)
                yield return batch;
    }

    /// <returns>Null: it can be read.</returns>
    /// <exception cref="RpcException">Temporal does not say.</exception>
    public async Task<UnreadableBatch?> LookAsync(string workflow, string run, CancellationToken cancellationToken)
    {
        var beginning = await BatchInput.GetBeginningAsync(client, workflow, run, countMax: 1, Rpc(cancellationToken))
            .ConfigureAwait(false);
        if (beginning.Count == 0) return null;
        // A workflow that was started with nothing has no input.
        var input = BatchInput.Of(beginning) ?? new Payloads();
        return UnreadableInput.Judge(input, codec) is { } why ? new UnreadableBatch(workflow, run, input, why) : null;
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
            await client.GetWorkflowHandle(batch.Workflow, batch.RunId)
                .TerminateAsync($"Kept as dead letter {letter.Name}: {letter.Head.Parts[0].Reason}",
                    new() { Rpc = Rpc(cancellationToken) }).ConfigureAwait(false);
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            // Ended meanwhile; the letter is one too many, and says so by its workflow's id.
        }
        return letter.Name;
    }

    static RpcOptions Rpc(CancellationToken cancellationToken) =>
        new() { Timeout = CallTimeout, CancellationToken = cancellationToken };

    static DeadLetter LetterOf(UnreadableBatch batch, DateTimeOffset now)
    {
        var bytes = batch.Input.ToByteArray();
        return new DeadLetter(new DeadLetterHead
        {
            Workflow = batch.Workflow,
            At = now,
            Header = batch.Why.Header,
            Parts =
            [
                new DeadLetterPart
                {
                    Index = 0, RecordCount = batch.Why.Header?.RecordCount ?? 0, Length = bytes.Length,
                    Reason = batch.Why.Reason, Form = DeadLetterForm.Input,
                },
            ],
            Crc = Crc32C.Compute(bytes),
        }, bytes);
    }
}

/// <summary>A batch that waits in Temporal and cannot be read here.</summary>
sealed record UnreadableBatch(string Workflow, string RunId, Payloads Input, UnreadableInput Why);
