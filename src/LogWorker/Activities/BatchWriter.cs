using LogPipeline.Worker.Files;
using LogPipeline.Workflows;

namespace LogPipeline.Worker.Activities;

/// <summary>The activity's work without Temporal: from header and records to a receipt.</summary>
sealed class BatchWriter(LogWriter writer, string worker)
{
    /// <summary>Returns when every record is on the disk as a line. The same batch again gives the same receipt.</summary>
    /// <exception cref="BatchRefusedException">It can never be written.</exception>
    /// <exception cref="NewerBatchException">A newer worker is needed; try again.</exception>
    /// <exception cref="BatchNotWrittenException">It could not be written now; try again.</exception>
    /// <exception cref="PredecessorMissingException">It came before its predecessor; try again a little later.</exception>
    public async Task<WriteReceipt> WriteAsync(LogBatchHeader header, ReadOnlyMemory<byte> records, CancellationToken cancellationToken = default)
    {
        var batch = BatchPreparer.Prepare(header, records);
        var outcome = await writer.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
        return outcome.Entry.ToReceipt(worker, outcome.AlreadyWritten);
    }
}
