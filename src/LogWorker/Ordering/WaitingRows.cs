using Temporalio.Client;

namespace LogPipeline.Worker.Ordering;

/// <summary>
/// The rows in which batches wait for one another, and a carrier for each, as long as somebody waits in it.
/// </summary>
sealed class WaitingRows(IBatchWriter writer, TimeProvider time)
{
    /// <summary>Rows carried at a time; it bounds the memory that they take, and what Temporal is asked.</summary>
    const int CarriedMax = 2;

    readonly Lock _lock = new();
    readonly Dictionary<(string Source, string Instance), WaitingRow> _rows = [];
    readonly SemaphoreSlim _turns = new(CarriedMax);
    readonly RowWalk _walk = new(writer.HasWritten, time);

    /// <summary>Has a batch brought behind those it stands behind.</summary>
    public (WaitingRow Row, RowMember Member) Join(ITemporalClient client, LogBatchHeader header,
        ReadOnlyMemory<byte> records)
    {
        var key = (header.Source, header.Instance);
        lock (_lock)
        {
            if (_rows.TryGetValue(key, out var row) && row.Join(header, records) is { } member) return (row, member);
            _rows[key] = row = new WaitingRow(time);
            member = row.Join(header, records)!;
            _ = Task.Run(() => CarryAsync(key, row, new RowCarrier(row, writer, _walk, client, time)));
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
