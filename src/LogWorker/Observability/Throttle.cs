namespace LogPipeline.Worker.Observability;

/// <summary>Lets one message of a kind through in an interval. For any thread.</summary>
sealed class Throttle(TimeSpan interval, TimeProvider time)
{
    readonly Lock _gate = new();
    long? _passedAt;

    /// <summary>True for the first call, and for the first one after each interval.</summary>
    public bool TryPass()
    {
        lock (_gate)
        {
            if (_passedAt is { } at && time.GetElapsedTime(at) < interval) return false;
            _passedAt = time.GetTimestamp();
            return true;
        }
    }
}
