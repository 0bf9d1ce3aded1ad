using LogPipeline.Workflows.Codecs;
using Temporalio.Client;

namespace LogPipeline.Worker.DeadLetters;

/// <summary>Sends letters again. A letter is removed once Temporal has it.</summary>
/// <param name="box">The letters.</param>
/// <param name="codec">Encodes what a client's codec does not.</param>
/// <param name="taskQueue">Where a worker takes them.</param>
sealed class LetterRetry(DeadLetterBox box, PipelineCodec codec, string taskQueue)
{
    /// <param name="client">One with the pipeline's codec.</param>
    /// <param name="name">The letter's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The batch that its records are now.</returns>
    /// <exception cref="FileNotFoundException">There is none of this name.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public async Task<BatchId> SendAsync(ITemporalClient client, string name, CancellationToken cancellationToken)
    {
        var batch = Read(name).Encoded(codec);
        var sender = batch.IsEncoded
            ? new TemporalClient(client.Connection, new TemporalClientOptions { Namespace = client.Options.Namespace }) : client;
        await batch.StartAsync(sender, taskQueue, cancellationToken).ConfigureAwait(false);
        // Temporal has it now; should it be dead again, the worker makes a letter again.
        box.Remove(name);
        return batch.Id;
    }

    // The bytes are those that were put into it, and what was put into it may be anything.
    RetriedBatch Read(string name)
    {
        try
        {
            return RetriedBatch.Of(box.Read(name), name);
        }
        catch (Exception e) when (e is ArgumentException or Google.Protobuf.InvalidProtocolBufferException)
        {
            throw new InvalidDataException($"{name} cannot be sent: its head does not fit its bytes.", e);
        }
    }
}
