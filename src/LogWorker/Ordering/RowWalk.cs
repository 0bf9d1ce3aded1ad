using System.Collections.Concurrent;

namespace LogPipeline.Worker.Ordering;

// Each batch names the one before it, so the row of those that wait is found by asking one after the other, 1 to 3 ms
// each. Visibility would give the row as one list, but with some hundred open batches that takes the server seconds.

/// <summary>Walks from a batch back to the oldest of those before it that wait in Temporal.</summary>
/// <param name="isWritten">Whether a batch is in its files here. Its workflow may not know of it for a while.</param>
/// <param name="time">Bounds the walk.</param>
sealed class RowWalk(Func<BatchId, bool> isWritten, TimeProvider time)
{
    /// <summary>A longer row is taken for one that begins here; so is one that leads back to itself.</summary>
    public const int LengthMax = 100_000;

    // What stands before a batch never changes, so that a long walk may be cut short and taken up again.
    readonly ConcurrentDictionary<BatchId, BatchId?> _known = [];

    /// <param name="find">Looks at a batch.</param>
    /// <param name="last">Where the walk begins.</param>
    /// <param name="timeMax">Then it is cut short.</param>
    /// <returns>
    /// Batches that wait, the oldest on top; where the one before them is, and its name, or null: there is none. Null:
    /// the row is longer than could be walked in the time; the next walk goes on from there.
    /// </returns>
    /// <exception cref="Temporalio.Exceptions.RpcException">Temporal does not say.</exception>
    public async Task<(Stack<BatchId> Row, BatchPlace Place, BatchId? Id)?> BackAsync(
        Func<BatchId, Task<WaitingBatch>> find, BatchId last, TimeSpan timeMax)
    {
        var since = time.GetTimestamp();
        var row = new Stack<BatchId>();
        var met = new HashSet<BatchId>();
        for (BatchId? at = last; at is { } id;)
        {
            if (isWritten(id)) return (row, BatchPlace.Done, id);
            if (row.Count == LengthMax || !met.Add(id)) return (row, BatchPlace.Lost, id);
            if (!_known.TryGetValue(id, out at))
            {
                if (time.GetElapsedTime(since) > timeMax) return null;
                var batch = await find(id).ConfigureAwait(false);
                if (batch.Place != BatchPlace.Waiting) return (row, batch.Place, id);
                at = Keep(id, batch.Header?.PreviousId);
            }
            row.Push(id);
        }
        return (row, BatchPlace.Done, null);
    }

    /// <summary>A batch was brought, or is in somebody's hands: whoever walks again asks for it.</summary>
    public void Forget(BatchId id) => _known.TryRemove(id, out _);

    BatchId? Keep(BatchId id, BatchId? previous)
    {
        if (_known.Count >= LengthMax) _known.Clear();
        _known[id] = previous;
        return previous;
    }
}
