using LogPipeline.Worker.Files;
using LogPipeline.Workflows;
using Temporalio.Client;

namespace LogPipeline.Worker.Activities;

/// <param name="WaitMax">Longest wait for a predecessor that is in a worker's hands.</param>
/// <param name="IsShared">
/// Other workers take a part of the batches. A long row of batches, each waiting for one that another worker has, would go at
/// the pace of these questions; so one that has waited long enough goes.
/// </param>
sealed record OrderPolicy(TimeSpan WaitMax, bool IsShared);

/// <summary>
/// Has a batch written behind its predecessor: waits briefly, as that one is on its way as a rule, then looks for it, and
/// brings it if nobody has it in hands.
/// </summary>
sealed class OrderKeeper(BatchWriter writer, Predecessors predecessors, OrderPolicy policy, TimeProvider time)
{
    /// <exception cref="PredecessorMissingException">Its predecessor did not come; try again a little later.</exception>
    public async Task<WriteReceipt> WriteAsync(ITemporalClient client, string workflow, LogBatchHeader header, ReadOnlyMemory<byte> records, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        var order = OrderWait.Default;
        var (hasAsked, isLast) = (false, false);
        while (true)
        {
            try
            {
                return await writer.WriteAsync(workflow, header, records, order, cancellationToken).ConfigureAwait(false);
            }
            catch (PredecessorMissingException) when (!isLast && (!hasAsked || time.GetElapsedTime(begun) < policy.WaitMax))
            {
                hasAsked = true;
                switch (await predecessors.BringAsync(client, header, cancellationToken).ConfigureAwait(false))
                {
                    case PredecessorState.Moved:
                        break;
                    case PredecessorState.Done:
                        order = order with { IsSettled = true };
                        break;
                    case PredecessorState.Lost:
                        header = header with { Previous = null };
                        break;
                    case PredecessorState.InLine:
                        throw new PredecessorMissingException(header.Id, header.PreviousId, isInLine: true);
                    default:
                        order = order with { WaitMax = policy.WaitMax - time.GetElapsedTime(begun) };
                        isLast = true;
                        break;
                }
            }
            catch (PredecessorMissingException) when (policy.IsShared && !header.IsUrgent)
            {
                header = header with { Previous = null };
            }
        }
    }
}
