namespace LogPipeline.Worker.Ordering;

/// <summary>Has a batch wait until the one before it is written. For the writer's loop alone.</summary>
sealed class OrderQueue<T>(OrderPolicy policy, Predecessors predecessors, OrderSlots? slots, TimeProvider time)
    where T : OrderedBatch
{
    static readonly Comparer<T> ByName = Comparer<T>.Create((a, b) => string.CompareOrdinal(a.Name, b.Name));

    // By name, so that whoever is before another of its run comes before it here.
    readonly List<T> _items = [];
    long _bytesLent;

    public int Count => _items.Count;
    public List<T> TakeAll() => Take([.. _items]);

    public void Add(T item)
    {
        item.Since = time.GetTimestamp();
        var at = _items.BinarySearch(item, ByName);
        _items.Insert(at < 0 ? ~at : at, item);
    }

    /// <summary>Takes what may be written now, predecessors first, within bounds (at least one).</summary>
    /// <param name="isWritten">Whether a batch is in the ledger.</param>
    /// <param name="onDisorder">Told of an item that goes without its predecessor.</param>
    public List<T> TakeReady(Func<BatchId, bool> isWritten, int countMax, int bytesMax, Action<T> onDisorder)
    {
        Take(_items.FindAll(item => item.IsGone));
        var ready = new List<T>();
        var ids = new HashSet<BatchId>();
        var bytes = 0L;
        BatchId? waiting = null;
        foreach (var item in InTurn())
        {
            if (ready.Count > 0 && (ready.Count >= countMax || bytes + item.Bytes > bytesMax)) continue;
            // Behind one that waits here: seen without a look into the ledger.
            var isBehind = waiting is not null && item.Previous == waiting;
            if (isBehind || !MayGo(item, id => ids.Contains(id) || isWritten(id), onDisorder))
            {
                waiting = item.Id;
                LendSlotOf(item);
                continue;
            }
            ready.Add(item);
            ids.Add(item.Id);
            bytes += item.Bytes;
        }
        return Take(ready);
    }

    /// <summary>Takes what has waited long enough. In line: what is before it will come.</summary>
    public List<(T Item, bool IsInLine)> TakeVain()
    {
        var vain = _items.FindAll(HasWaited);
        if (vain.Count == 0) return [];
        var firsts = _items.DistinctBy(item => item.Run).Select(item => item.Id).ToHashSet();
        return Take(vain).ConvertAll(item => (item, !firsts.Contains(item.Id) || IsExpected(item.Previous, item)));
    }

    /// <summary>The batches that some here wait for and that are not here.</summary>
    public IReadOnlyCollection<BatchId> Missing(Func<BatchId, bool> isWritten)
    {
        var here = _items.Select(item => item.Id).ToHashSet();
        var previous = _items.Select(item => item.Previous).OfType<BatchId>();
        return previous.Where(id => !here.Contains(id) && !isWritten(id)).ToHashSet();
    }

    bool MayGo(T item, Func<BatchId, bool> isWritten, Action<T> onDisorder)
    {
        if (item.Previous is { } previous)
        {
            // Written before: it gets its receipt again.
            var place = predecessors[previous];
            if (isWritten(previous) || place == PredecessorPlace.Done || isWritten(item.Id)) return true;
            if (place != PredecessorPlace.Lost && !(policy.IsShared && !item.IsUrgent && HasWaited(item))) return false;
        }
        if (item.Id.FirstSequence > 1) onDisorder(item);
        return true;
    }

    bool HasWaited(T item) => time.GetElapsedTime(item.Since) >= policy.WaitOf(item);

    // Of another run's batch that may not be said: two could expect each other.
    bool IsExpected(BatchId? previous, T item) =>
        previous is { } id && OrderedBatch.RunOf(id) == item.Run && predecessors[id] == PredecessorPlace.Expected;

    // A run with an urgent batch is first.
    IEnumerable<T> InTurn()
    {
        var urgent = _items.Where(item => item.IsUrgent).Select(item => item.Run).ToHashSet();
        return urgent.Count == 0 ? _items : _items.OrderBy(item => urgent.Contains(item.Run) ? 0 : 1);
    }

    void LendSlotOf(T item)
    {
        if (item.HasLentSlot || item.IsInHurry || _bytesLent + item.Cost > policy.BytesMax) return;
        item.HasLentSlot = true;
        _bytesLent += item.Cost;
        slots?.Lend();
    }

    List<T> Take(List<T> items)
    {
        foreach (var item in items.Where(item => item.HasLentSlot))
        {
            _bytesLent -= item.Cost;
            slots?.TakeBack();
        }
        if (items.Count > 0) _items.RemoveAll(items.ToHashSet().Contains);
        return items;
    }
}

/// <summary>How long a batch waits in the worker for the one before it, and how much may wait.</summary>
/// <param name="WaitMax">Longest wait. Shorter than its local activity may take.</param>
/// <param name="BytesMax">Most that waits and lends out its slot.</param>
/// <param name="IsShared">Others take batches too. Rows would go at the pace of waits: who has waited goes.</param>
sealed record OrderPolicy(TimeSpan WaitMax, long BytesMax, bool IsShared = false)
{
    static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan CrowdedWaitMax = TimeSpan.FromSeconds(3);

    public TimeSpan WaitOf(OrderedBatch batch)
    {
        var wait = batch.HasLentSlot && !IsShared ? WaitMax : CrowdedWaitMax;
        if (batch.IsInHurry) wait = Brief;
        return wait < WaitMax ? wait : WaitMax;
    }
}
