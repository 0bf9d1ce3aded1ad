using LogPipeline.Workflows;

namespace LogPipeline.Worker.Files;

/// <summary>
/// Keeps order: a batch that names the one before it waits until that one is written, for a bounded time. Batches of one
/// source and instance are started at Temporal in order, but tasks reach a worker in any order, most of all after a crash,
/// when those that another worker held come back only when they time out.
/// For the writer's loop alone.
/// </summary>
/// <param name="waitMax">Longest wait for a predecessor.</param>
/// <param name="time">Measures it.</param>
/// <param name="batchOf">The batch of an item.</param>
sealed class HoldBack<T>(TimeSpan waitMax, TimeProvider time, Func<T, PreparedBatch> batchOf)
{
    // A source whose batches go to several hosts has predecessors that never come here. Waiting in vain once is enough.
    static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(100);
    const int ImpatientMax = 1_000;

    readonly List<(T Item, long Since)> _held = [];
    readonly HashSet<(string Source, string Instance)> _impatient = [];

    public int Count => _held.Count;

    public void Add(T item) => _held.Add((item, time.GetTimestamp()));

    /// <summary>Takes everything, in order.</summary>
    public List<T> TakeAll()
    {
        Sort();
        var all = _held.ConvertAll(one => one.Item);
        _held.Clear();
        return all;
    }

    /// <summary>Takes what may be written now, predecessors first, within bounds (at least one).</summary>
    /// <param name="isWritten">Whether a batch is in the ledger.</param>
    /// <param name="isGone">Whether nobody waits for an item any more; such are dropped.</param>
    /// <param name="countMax">Most items.</param>
    /// <param name="bytesMax">Most bytes of lines.</param>
    /// <param name="onExpired">Told of an item that waited in vain.</param>
    public List<T> TakeReady(Func<BatchId, bool> isWritten, Func<T, bool> isGone, int countMax, int bytesMax, Action<PreparedBatch> onExpired)
    {
        _held.RemoveAll(one => isGone(one.Item));
        Sort();
        var ready = new List<T>();
        var ids = new HashSet<BatchId>();
        var bytes = 0;
        var kept = 0;
        for (var i = 0; i < _held.Count; i++)
        {
            var one = _held[i];
            var batch = batchOf(one.Item);
            var fits = ready.Count == 0 || (ready.Count < countMax && bytes + batch.Lines.Length <= bytesMax);
            if (!fits || !MayGo(batch, one.Since, ids, isWritten, onExpired))
            {
                _held[kept++] = one;
                continue;
            }
            ready.Add(one.Item);
            ids.Add(batch.Id);
            bytes += batch.Lines.Length;
        }
        _held.RemoveRange(kept, _held.Count - kept);
        return ready;
    }

    /// <summary>How long until the first of those held has waited long enough.</summary>
    public TimeSpan UntilNextExpiry()
    {
        var least = waitMax;
        foreach (var (item, since) in _held)
        {
            var left = WaitOf(batchOf(item).Id) - time.GetElapsedTime(since);
            if (left < least) least = left;
        }
        return least > TimeSpan.Zero ? least : TimeSpan.Zero;
    }

    bool MayGo(PreparedBatch batch, long since, HashSet<BatchId> ids, Func<BatchId, bool> isWritten, Action<PreparedBatch> onExpired)
    {
        if (batch.Previous is not { } previous) return true;
        if (ids.Contains(previous)) return true;
        if (isWritten(previous))
        {
            _impatient.Remove((batch.Id.Source, batch.Id.Instance));
            return true;
        }
        // Written before: it gets its receipt again, wherever its predecessor is.
        if (isWritten(batch.Id)) return true;
        if (time.GetElapsedTime(since) < WaitOf(batch.Id)) return false;
        if (_impatient.Count >= ImpatientMax) _impatient.Clear();
        _impatient.Add((batch.Id.Source, batch.Id.Instance));
        onExpired(batch);
        return true;
    }

    TimeSpan WaitOf(BatchId id) => _impatient.Contains((id.Source, id.Instance)) && ShortWait < waitMax ? ShortWait : waitMax;

    void Sort() => _held.Sort((a, b) =>
    {
        var (x, y) = (batchOf(a.Item).Id, batchOf(b.Item).Id);
        var bySource = string.CompareOrdinal(x.Source, y.Source);
        if (bySource != 0) return bySource;
        var byInstance = string.CompareOrdinal(x.Instance, y.Instance);
        return byInstance != 0 ? byInstance : x.FirstSequence.CompareTo(y.FirstSequence);
    });
}
