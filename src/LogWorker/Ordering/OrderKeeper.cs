using LogPipeline.Worker.Files;
using Temporalio.Client;

namespace LogPipeline.Worker.Ordering;

/// <param name="WaitMax">Longest wait for a predecessor that is in a worker's hands.</param>
/// <param name="IsShared">
/// Other workers take a part of the batches. A long row of batches, each waiting for one that another worker has, would
/// go at the pace of these questions; so one that has waited long enough goes.
/// </param>
sealed record OrderPolicy(TimeSpan WaitMax, bool IsShared);

/// <summary>
/// Has a batch written behind its predecessor: waits briefly, as that one is on its way as a rule, then has it brought
/// with all that it stands behind.
/// </summary>
sealed class OrderKeeper(IBatchWriter writer, WaitingRows rows, OrderPolicy policy, TimeProvider time)
{
    // Shorter than Temporal waits for a workflow task, so that no heartbeats are needed.
    static readonly TimeSpan InLineMax = TimeSpan.FromSeconds(7);

    /// <exception cref="PredecessorMissingException">Its predecessor did not come; try again a little
    /// later.</exception>
    public async Task<WriteReceipt> WriteAsync(ITemporalClient client, string workflow, LogBatchHeader header,
        ReadOnlyMemory<byte> records, CancellationToken cancellationToken)
    {
        try
        {
            return await writer.WriteAsync(workflow, header, records, OrderWait.Default, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (PredecessorMissingException)
        {
            var begun = time.GetTimestamp();
            var mayGoWithout = policy.IsShared && !header.IsUrgent;
            var (row, member) = rows.Join(client, header, records);
            try
            {
                if (await row.WaitAsync(member, policy.WaitMax, mayGoWithout ? policy.WaitMax : InLineMax,
                    cancellationToken).ConfigureAwait(false) is { } receipt) return receipt;
            }
            finally
            {
                row.Leave(member);
            }
            if (!mayGoWithout)
                throw new PredecessorMissingException(header.Id, header.PreviousId, isInLine: row.HasMovedSince(begun));
        }
        return await writer.WriteAsync(workflow, header with { Previous = null }, records, OrderWait.Default,
            cancellationToken).ConfigureAwait(false);
    }
}
