namespace LogPipeline.Workflows;

/// <summary>
/// Lets a message of one kind pass at once, and the next one of this kind after an interval. Any thread.
/// </summary>
/// <param name="interval">Null: a minute.</param>
sealed class Throttle(TimeProvider time, TimeSpan? interval = null)
{
    readonly TimeSpan _interval = interval ?? TimeSpan.FromMinutes(1);
    readonly Lock _gate = new();
    // Under the gate.
    readonly Dictionary<string, (long PassedAt, int Suppressed)> _kinds = [];

    /// <param name="kind">What messages have in common; kinds are few and known.</param>
    /// <param name="suppressed">Messages of this kind that did not pass since the last one that did.</param>
    public bool TryPass(string kind, out int suppressed)
    {
        lock (_gate)
        {
            var isKnown = _kinds.TryGetValue(kind, out var last);
            suppressed = last.Suppressed;
            if (isKnown && time.GetElapsedTime(last.PassedAt) < _interval)
            {
                _kinds[kind] = last with { Suppressed = last.Suppressed + 1 };
                return false;
            }
            _kinds[kind] = (time.GetTimestamp(), 0);
            return true;
        }
    }

    public bool TryPass(string kind = "") => TryPass(kind, out _);

    /// <summary>The next message of this kind passes at once.</summary>
    public void Reset(string kind = "")
    {
        lock (_gate) _kinds.Remove(kind);
    }
}
