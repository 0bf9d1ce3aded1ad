using LogPipeline.Workflows;

namespace LogPipeline.Worker.Files;

/// <summary>
/// Keeps order: a batch that names the one before it waits until that one is written. Batches of one source and instance
/// are started at Temporal in order, but tasks reach a worker in any order, most of all after a crash, when those that
/// another worker held come back only when they time out. Waiting here is short and bounded in number; whoever waits in
/// vain goes back to its workflow, as a batch that fills the worker while it waits may keep out the one it waits for.
/// For the writer's loop alone.
/// </summary>
/// <param name="waitMax">Longest wait for a predecessor.</param>
/// <param name="waitingMax">Most items that wait.</param>
/// <param name="time">Measures the wait.</param>
/// <param name="batchOf">The batch of an item.</param>
/// <param name="isShared">
/// Other workers take a part of the batches. A long row of batches, each waiting for one that another worker has, would go at the
/// pace of these questions; so one that has waited long enough goes.
/// </param>
sealed class HoldBack<T>(TimeSpan waitMax, int waitingMax, TimeProvider time, Func<T, PreparedBatch> batchOf, bool isShared = false)
{
    // A source whose batches go to several hosts has predecessors that never come here. Once a workflow has given up order
    // for one of its batches, the others wait in vain only briefly, for a while.
    static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(100);

    // What an urgent batch waits for is behind it in the task queue, and is fetched from there.
    static readonly TimeSpan UrgentWait = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan ImpatienceLasts = TimeSpan.FromMinutes(10);
    const int ImpatientMax = 1_000;

    readonly List<(T Item, long Since)> _held = [];
    readonly Dictionary<(string Source, string Instance), long> _impatientSince = [];

    public int Count => _held.Count;

    public void Add(T item)
    {
        _held.Add((item, time.GetTimestamp()));
        var batch = batchOf(item);
        if (batch.Previous is not null || batch.Id.FirstSequence <= 1) return;
        if (_impatientSince.Count >= ImpatientMax) _impatientSince.Clear();
        _impatientSince[(batch.Id.Source, batch.Id.Instance)] = time.GetTimestamp();
    }

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
    public List<T> TakeReady(Func<BatchId, bool> isWritten, Func<T, bool> isGone, int countMax, int bytesMax, Action<PreparedBatch> onDisorder)
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
            if (!fits || !MayGo(batch, one.Since, ids, isWritten, onDisorder))
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
        var here = _held.Select(one => batchOf(one.Item).Id).ToHashSet();
        return _held.Select(one => batchOf(one.Item).Previous).OfType<BatchId>().Where(previous => !here.Contains(previous) && !isWritten(previous)).ToHashSet();
    }

    /// <summary>Takes what has waited long enough, and the last in line where too many wait. Comes after <see cref="TakeReady"/>.</summary>
    public List<T> TakeVain()
    {
        var vain = new List<T>();
        _held.RemoveAll(one =>
        {
            if (time.GetElapsedTime(one.Since) < Longest(batchOf(one.Item)) || (isShared && !batchOf(one.Item).IsUrgent)) return false;
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
        var least = waitMax;
        foreach (var (item, since) in _held)
        {
            var left = WaitOf(batchOf(item)) - time.GetElapsedTime(since);
            if (left < least) least = left;
        }
        return least > TimeSpan.Zero ? least : TimeSpan.Zero;
    }

    bool MayGo(PreparedBatch batch, long since, HashSet<BatchId> ids, Func<BatchId, bool> isWritten, Action<PreparedBatch> onDisorder)
    {
        if (batch.Previous is not { } previous)
        {
            if (batch.Id.FirstSequence > 1) onDisorder(batch);
            return true;
        }
        if (ids.Contains(previous) || isWritten(previous)) return true;
        // Written before: it gets its receipt again, wherever its predecessor is.
        if (isWritten(batch.Id)) return true;
        if (isShared && !batch.IsUrgent && time.GetElapsedTime(since) >= waitMax)
        {
            onDisorder(batch);
            return true;
        }
        if (!IsImpatient(batch.Id) || time.GetElapsedTime(since) < ShortWait) return false;
        onDisorder(batch);
        return true;
    }

    TimeSpan WaitOf(PreparedBatch batch) => IsImpatient(batch.Id) && ShortWait < waitMax ? ShortWait : Longest(batch);

    TimeSpan Longest(PreparedBatch batch) => batch.IsUrgent && UrgentWait < waitMax ? UrgentWait : waitMax;

    bool IsImpatient(BatchId id) =>
        _impatientSince.TryGetValue((id.Source, id.Instance), out var since) && time.GetElapsedTime(since) < ImpatienceLasts;

    // An urgent batch takes those along that it stands behind.
    void Sort()
    {
        var urgent = _held.Select(one => batchOf(one.Item)).Where(batch => batch.IsUrgent).Select(batch => (batch.Id.Source, batch.Id.Instance)).ToHashSet();
        _held.Sort((a, b) =>
        {
            var (x, y) = (batchOf(a.Item).Id, batchOf(b.Item).Id);
            var byUrgency = urgent.Contains((y.Source, y.Instance)).CompareTo(urgent.Contains((x.Source, x.Instance)));
            return byUrgency != 0 ? byUrgency : Compare(x, y);
        });
    }

    static int Compare(BatchId x, BatchId y)
    {
        var bySource = string.CompareOrdinal(x.Source, y.Source);
        if (bySource != 0) return bySource;
        var byInstance = string.CompareOrdinal(x.Instance, y.Instance);
        return byInstance != 0 ? byInstance : x.FirstSequence.CompareTo(y.FirstSequence);
    }
}
