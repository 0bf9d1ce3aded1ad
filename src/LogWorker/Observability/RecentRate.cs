namespace LogPipeline.Worker.Observability;

/// <summary>How many a second, over the last minute. Not for several threads.</summary>
sealed class RecentRate(TimeProvider time)
{
    const int Seconds = 60;

    readonly long[] _counts = new long[Seconds];
    readonly long _start = time.GetTimestamp();
    long _second;

    public void Add(long count)
    {
        Advance();
        _counts[_second % Seconds] += count;
    }

    /// <summary>The minute's mean; in the first minute that of the seconds there were.</summary>
    public double PerSecond
    {
        get
        {
            Advance();
            return _counts.Sum() / (double)Math.Min(Seconds, _second + 1);
        }
    }

    void Advance()
    {
        var now = (long)time.GetElapsedTime(_start).TotalSeconds;
        if (now - _second >= Seconds) Array.Clear(_counts);
        else for (var second = _second + 1; second <= now; second++) _counts[second % Seconds] = 0;
        _second = now;
    }
}
