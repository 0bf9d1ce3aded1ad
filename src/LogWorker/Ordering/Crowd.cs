using System.Collections.Concurrent;

namespace LogPipeline.Worker.Ordering;

// Whoever may start batches can name predecessors that never come. Each such batch would hold one of the worker's slots
// for seconds, again and again for two minutes, and a few hundred of them all slots. So once half of the slots are held
// by waiting batches, those whose row stands go back at once, as do those whose row has no turn, and the others have the
// rest.

/// <summary>How many batches wait in this worker, and which rows stood when they were looked at.</summary>
/// <param name="slots">Batches that the worker has in hands at a time.</param>
/// <param name="time">Dates the looks.</param>
sealed class Crowd(int slots, TimeProvider time)
{
    /// <summary>Then a row is looked at again.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(15);

    /// <summary>For so long it is known that a row has stood and not moved since.</summary>
    public static readonly TimeSpan MemoryMax = TimeSpan.FromMinutes(5);

    const int RowsMax = 10_000;

    readonly ConcurrentDictionary<(string Source, string Instance), long> _stood = [];
    int _waiting;

    /// <summary>Whether those that wait hold more than half of the slots.</summary>
    public bool IsDense => Volatile.Read(ref _waiting) > slots / 2;

    public void Enter() => Interlocked.Increment(ref _waiting);

    public void Leave() => Interlocked.Decrement(ref _waiting);

    /// <summary>A row was looked at, and nothing in it could be written.</summary>
    public void Stood((string Source, string Instance) row)
    {
        if (_stood.Count >= RowsMax) _stood.Clear();
        _stood[row] = time.GetTimestamp();
    }

    /// <summary>A row was looked at, and something was written.</summary>
    public void Moved((string Source, string Instance) row) => _stood.TryRemove(row, out _);

    /// <summary>Whether it need not be looked at again yet.</summary>
    public bool HasStood((string Source, string Instance) row) => HasStood(row, LookInterval);

    /// <summary>
    /// Whether it has not moved since it was looked at. Such a row is not in line for its turn: many that never move
    /// would hold up one another for ever.
    /// </summary>
    public bool Stands((string Source, string Instance) row) => HasStood(row, MemoryMax);

    bool HasStood((string Source, string Instance) row, TimeSpan within) =>
        _stood.TryGetValue(row, out var at) && time.GetElapsedTime(at) < within;
}
