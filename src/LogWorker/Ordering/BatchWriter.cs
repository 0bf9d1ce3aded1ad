using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using Temporalio.Api.Common.V1;

namespace LogPipeline.Worker.Ordering;

/// <summary>The activity's work without Temporal: from header and records to a receipt.</summary>
sealed class BatchWriter(LogWriter writer, DeadLetterBox deadLetters, string worker, TimeProvider time,
    ChannelRules? rules = null, IReadOnlyList<DeliveryTarget>? deliverTo = null)
{
    /// <inheritdoc cref="LogWriter.HasWritten"/>
    public bool HasWritten(BatchId id) => writer.HasWritten(id);

    /// <summary>
    /// Returns when every record is on the disk: as a line, or, where it can never be one, in a dead letter. The same
    /// batch again gives the same receipt.
    /// </summary>
    /// <param name="workflow">The workflow's id, by which the batch is known to others.</param>
    /// <param name="header">What it says of itself; null: that is none.</param>
    /// <param name="records">Its records.</param>
    /// <param name="isSettled">It need not wait for the batch before it.</param>
    /// <exception cref="NewerBatchException">A newer worker is needed; try again.</exception>
    /// <exception cref="BatchNotWrittenException">It could not be written now; try again.</exception>
    /// <exception cref="IOException">Its dead letter could not be written now; try again.</exception>
    /// <exception cref="PredecessorMissingException">It came before its predecessor; try again a little
    /// later.</exception>
    public async Task<WriteReceipt> WriteAsync(string workflow, LogBatchHeader? header, ReadOnlyMemory<byte> records,
        bool isSettled = false, CancellationToken cancellationToken = default)
    {
        PreparedBatch? batch;
        DeadLetter? letter = null;
        try
        {
            header = BatchAdmission.Admit(workflow, header);
            batch = BatchPreparer.Prepare(header, records, rules);
        }
        catch (Exception e) when (BatchPreparer.IsFaultOfBatch(e))
        {
            (batch, letter) = BatchSalvage.Divide(workflow, header, records, e.Message, time.GetUtcNow(), rules);
            // First: once its lines have their receipt nobody brings the rest again.
            await deadLetters.WriteAsync(letter, cancellationToken).ConfigureAwait(false);
        }
        if (batch is null) return With(Nothing(workflow), letter);
        try
        {
            var outcome = await writer.WriteAsync(batch with { IsSettled = isSettled }, cancellationToken)
                .ConfigureAwait(false);
            return With(outcome.Entry.ToReceipt(outcome.Worker ?? worker, outcome.AlreadyWritten), letter);
        }
        catch (BatchRefusedException e)
        {
            letter = BatchSalvage.Whole(workflow, header, records, e.Message, time.GetUtcNow());
            await deadLetters.WriteAsync(letter, cancellationToken).ConfigureAwait(false);
            return With(Nothing(workflow), letter);
        }
    }

    /// <summary>Makes a letter of a batch whose records cannot be taken out of their payload.</summary>
    /// <exception cref="IOException">It could not be written now; try again.</exception>
    public async Task<WriteReceipt> RefuseAsync(string workflow, LogBatchHeader? header, Payload records,
        string reason, CancellationToken cancellationToken)
    {
        var letter = BatchSalvage.Unopened(workflow, header, records, reason, time.GetUtcNow());
        await deadLetters.WriteAsync(letter, cancellationToken).ConfigureAwait(false);
        return With(Nothing(workflow), letter);
    }

    /// <summary>The receipt of a workflow without lines.</summary>
    public WriteReceipt Nothing(string workflow) =>
        new() { BatchId = workflow, RecordCount = 0, Bytes = 0, Worker = worker, Files = [] };

    WriteReceipt With(WriteReceipt receipt, DeadLetter? letter)
    {
        if (receipt.Files.Count > 0) receipt = receipt with { DeliverTo = deliverTo };
        return letter is null ? receipt
            : receipt with { DeadLettered = letter.Head.RecordCount, DeadLetter = letter.Name };
    }
}
