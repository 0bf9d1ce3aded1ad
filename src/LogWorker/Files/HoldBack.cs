namespace LogPipeline.Worker.Files;

/// <summary>
/// Keeps order: a batch that names the one before it waits until that one is written. Batches of one source and
/// instance are started at Temporal in order, but tasks reach a worker in any order, most of all after a crash, when
/// those that another worker held come back only when they time out. Waiting here is short and bounded in number;
/// whoever waits in vain is given back, as a batch that fills the worker while it waits may keep out the one it waits
/// for. For the writer's loop alone.
/// </summary>
/// <param name="waitMax">Longest wait for a predecessor.</param>
/// <param name="waitingMax">Most items that wait.</param>
/// <param name="time">Measures the wait.</param>
/// <param name="batchOf">The batch of an item.</param>
sealed class HoldBack<T>(TimeSpan waitMax, int waitingMax, TimeProvider time, Func<T, PreparedBatch> batchOf)
{
    readonly List<(T Item, long Since)> _held = [];

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
    /// <param name="onDisorder">Told of an item that goes without its predecessor.</param>
    public List<T> TakeReady(Func<BatchId, bool> isWritten, Func<T, bool> isGone, int countMax, int bytesMax,
        Action<PreparedBatch> onDisorder)
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
            if (!fits || !MayGo(batch, ids, isWritten, onDisorder))
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

    /// <summary>The batches that some here wait for and that are not here.</summary>
    public IReadOnlyCollection<BatchId> Missing(Func<BatchId, bool> isWritten)
    {
        var here = Here();
        return _held.Select(one => batchOf(one.Item).Previous).OfType<BatchId>()
            .Where(previous => !here.Contains(previous) && !isWritten(previous)).ToHashSet();
    }

    /// <summary>
    /// Takes what has waited long enough for a batch that is not here, and the last in line where too many wait. Comes
    /// after <see cref="TakeReady"/>.
    /// </summary>
    public List<T> TakeVain()
    {
        var here = Here();
        var vain = new List<T>();
        _held.RemoveAll(one =>
        {
            if (!IsFront(one.Item, here) || time.GetElapsedTime(one.Since) < waitMax) return false;
            vain.Add(one.Item);
            return true;
        });
        if (_held.Count <= waitingMax) return vain;
        vain.AddRange(_held[waitingMax..].Select(one => one.Item));
        _held.RemoveRange(waitingMax, _held.Count - waitingMax);
        return vain;
    }

    /// <summary>How long until one of those held may move by time alone.</summary>
    public TimeSpan UntilNextExpiry()
    {
        var here = Here();
        var least = waitMax;
        foreach (var (item, since) in _held)
        {
            if (IsFront(item, here) && waitMax - time.GetElapsedTime(since) is var left && left < least) least = left;
        }
        return least > TimeSpan.Zero ? least : TimeSpan.Zero;
    }

    static bool MayGo(PreparedBatch batch, HashSet<BatchId> ids, Func<BatchId, bool> isWritten,
        Action<PreparedBatch> onDisorder)
    {
        if (batch.Previous is not { } previous)
        {
            if (batch.Id.FirstSequence > 1 && !isWritten(batch.Id)) onDisorder(batch);
            return true;
        }
        // Written before: it gets its receipt again, wherever its predecessor is.
        return batch.IsSettled || ids.Contains(previous) || isWritten(previous) || isWritten(batch.Id);
    }

    HashSet<BatchId> Here() => _held.Select(one => batchOf(one.Item).Id).ToHashSet();

    // Whoever is behind one that waits here moves with it.
    bool IsFront(T item, HashSet<BatchId> here) =>
        batchOf(item).Previous is not { } previous || !here.Contains(previous);

    // An urgent batch takes those along that it stands behind.
    void Sort()
    {
        var urgent = _held.Select(one => batchOf(one.Item)).Where(batch => batch.IsUrgent)
            .Select(batch => (batch.Id.Source, batch.Id.Instance)).ToHashSet();
        _held.Sort((a, b) =>
        {
            var (x, y) = (batchOf(a.Item).Id, batchOf(b.Item).Id);
            var byUrgency = urgent.Contains((y.Source, y.Instance)).CompareTo(urgent.Contains((x.Source, x.Instance)));
            return byUrgency != 0 ? byUrgency : BatchId.OldestFirst.Compare(x, y);
        });
    }
}
