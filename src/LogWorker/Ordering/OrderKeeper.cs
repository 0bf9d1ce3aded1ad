using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Files;
using Temporalio.Api.Common.V1;
using Temporalio.Client;

namespace LogPipeline.Worker.Ordering;

/// <summary>
/// Has a batch written behind its predecessor: waits briefly, as that one is on its way as a rule, then has it brought
/// with all that it stands behind, by a carrier for each row of batches, as long as somebody waits in it.
/// </summary>
/// <param name="waitMax">Longest wait for a predecessor that is in a worker's hands.</param>
/// <param name="isShared">
/// Other workers take a part of the batches. A long row of batches, each waiting for one that another worker has, would
/// go at the pace of these questions; so one that has waited long enough goes.
/// </param>
/// <param name="slots">Batches that the worker has in hands at a time.</param>
sealed class OrderKeeper(BatchWriter writer, TimeSpan waitMax, bool isShared, int slots, TimeProvider time)
{
    // Shorter than Temporal waits for a workflow task, so that no heartbeats are needed.
    static readonly TimeSpan InLineMax = TimeSpan.FromSeconds(7);

    /// <summary>Rows carried at a time; it bounds the memory that they take, and what Temporal is asked.</summary>
    const int CarriedMax = 2;

    readonly Lock _lock = new();
    readonly Dictionary<(string Source, string Instance), WaitingRow> _rows = [];
    readonly SemaphoreSlim _turns = new(CarriedMax);
    readonly Crowd _crowd = new(slots, time);
    readonly RowWalk _walk = new(writer.HasWritten, time);

    /// <exception cref="PredecessorMissingException">Its predecessor did not come; try again a little
    /// later.</exception>
    public async Task<WriteReceipt> WriteAsync(ITemporalClient client, string workflow, LogBatchHeader? header,
        ReadOnlyMemory<byte> records, CancellationToken cancellationToken)
    {
        if (_crowd.IsDense) ThrowIfItStands(workflow, header);
        try
        {
            return await writer.WriteAsync(workflow, header, records, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        }
        catch (PredecessorMissingException)
        {
            // Whoever has a predecessor was admitted.
            header = BatchAdmission.Admit(workflow, header);
            var begun = time.GetTimestamp();
            var mayGoWithout = MayGoWithout(header);
            var (row, member) = Join(client, header, records);
            _crowd.Enter();
            try
            {
                if (await row.WaitAsync(member, waitMax, mayGoWithout ? waitMax : InLineMax, cancellationToken)
                    .ConfigureAwait(false) is { } receipt) return receipt;
            }
            finally
            {
                row.Leave(member);
                _crowd.Leave();
            }
            if (!mayGoWithout)
                throw new PredecessorMissingException(header.Id, header.PreviousId, isInLine: row.HasMovedSince(begun));
        }
        return await writer.WriteAsync(workflow, header! with { Previous = null }, records,
            cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    bool MayGoWithout(LogBatchHeader header) => isShared && !header.IsUrgent;

    void ThrowIfItStands(string workflow, LogBatchHeader? header)
    {
        if (header?.PreviousId is not { } previous || MayGoWithout(header)
            || !_crowd.HasStood((header.Source, header.Instance)) || writer.HasWritten(previous)) return;
        BatchId id;
        try
        {
            id = BatchAdmission.Admit(workflow, header).Id;
        }
        catch (Exception e) when (e is BatchRefusedException or NewerBatchException)
        {
            // It waits for none.
            return;
        }
        throw new PredecessorMissingException(id, previous, isInLine: false);
    }

    /// <inheritdoc cref="BatchWriter.RefuseAsync"/>
    public Task<WriteReceipt> RefuseAsync(string workflow, LogBatchHeader? header, Payload records, string reason,
        CancellationToken cancellationToken) =>
        writer.RefuseAsync(workflow, header, records, reason, cancellationToken);

    /// <inheritdoc cref="BatchWriter.Nothing"/>
    public WriteReceipt Nothing(string workflow) => writer.Nothing(workflow);

    (WaitingRow Row, RowMember Member) Join(ITemporalClient client, LogBatchHeader header,
        ReadOnlyMemory<byte> records)
    {
        var key = (header.Source, header.Instance);
        lock (_lock)
        {
            if (_rows.TryGetValue(key, out var row) && row.Join(header, records) is { } member) return (row, member);
            _rows[key] = row = new WaitingRow(time);
            member = row.Join(header, records)!;
            _ = Task.Run(() => CarryAsync(key, row, new RowCarrier(key, row, writer, _walk, _crowd, client, time)));
            return (row, member);
        }
    }

    async Task CarryAsync((string Source, string Instance) key, WaitingRow row, RowCarrier carrier)
    {
        await carrier.RunAsync(_turns).ConfigureAwait(false);
        lock (_lock)
        {
            if (_rows.GetValueOrDefault(key) == row) _rows.Remove(key);
        }
    }
}
