using LogPipeline.Worker.Files;
using Temporalio.Client;

namespace LogPipeline.Worker.Ordering;

/// <summary>
/// Has a batch written behind its predecessor: waits briefly, as that one is on its way as a rule, then has it brought
/// with all that it stands behind.
/// </summary>
/// <param name="waitMax">Longest wait for a predecessor that is in a worker's hands.</param>
/// <param name="isShared">
/// Other workers take a part of the batches. A long row of batches, each waiting for one that another worker has, would
/// go at the pace of these questions; so one that has waited long enough goes.
/// </param>
sealed class OrderKeeper(IBatchWriter writer, TimeSpan waitMax, bool isShared, TimeProvider time)
{
    // Shorter than Temporal waits for a workflow task, so that no heartbeats are needed.
    static readonly TimeSpan InLineMax = TimeSpan.FromSeconds(7);

    readonly WaitingRows _rows = new(writer, time);

    /// <exception cref="PredecessorMissingException">Its predecessor did not come; try again a little
    /// later.</exception>
    public async Task<WriteReceipt> WriteAsync(ITemporalClient client, string workflow, LogBatchHeader header,
        ReadOnlyMemory<byte> records, CancellationToken cancellationToken)
    {
        try
        {
            return await writer.WriteAsync(workflow, header, records, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        }
        catch (PredecessorMissingException)
        {
            var begun = time.GetTimestamp();
            var mayGoWithout = isShared && !header.IsUrgent;
            var (row, member) = _rows.Join(client, header, records);
            try
            {
                if (await row.WaitAsync(member, waitMax, mayGoWithout ? waitMax : InLineMax, cancellationToken)
                    .ConfigureAwait(false) is { } receipt) return receipt;
            }
            finally
            {
                row.Leave(member);
            }
            if (!mayGoWithout)
                throw new PredecessorMissingException(header.Id, header.PreviousId, isInLine: row.HasMovedSince(begun));
        }
        return await writer.WriteAsync(workflow, header with { Previous = null }, records,
            cancellationToken: cancellationToken).ConfigureAwait(false);
    }
}
