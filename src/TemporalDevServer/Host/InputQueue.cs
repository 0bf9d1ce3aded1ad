using TemporalDevServer.Engine;

namespace TemporalDevServer.Host;

/// <summary>Inputs on their way to the engine's thread, which takes all that wait at once.</summary>
sealed class InputQueue
{
    readonly object _gate = new();
    List<QueuedInput> _waiting = [];
    bool _closed;

    /// <summary>False when the server has stopped.</summary>
    public bool Add(QueuedInput input)
    {
        lock (_gate)
        {
            if (_closed) return false;
            _waiting.Add(input);
            // The engine's thread waits only while the queue is empty.
            if (_waiting.Count == 1) Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>
    /// Swaps an empty list for the one with all waiting inputs, after a wait of at most <paramref name="wait"/> for
    /// the first. False when the queue is closed and empty.
    /// </summary>
    public bool Take(ref List<QueuedInput> taken, TimeSpan wait)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 && !_closed) Monitor.Wait(_gate, wait);
            if (_waiting.Count == 0 && _closed) return false;
            (taken, _waiting) = (_waiting, taken);
            return true;
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
    }
}

/// <summary>An input, and for a call its request's bytes as received, which the journal stores.</summary>
readonly record struct QueuedInput(EngineInput Input, ReadOnlyMemory<byte> Bytes);
