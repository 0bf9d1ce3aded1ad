namespace LogPipeline.Worker.Observability;

/// <summary>The last times that something took, for their percentiles. Not for several threads.</summary>
sealed class RecentTimes
{
    const int Kept = 1_000;

    readonly double[] _seconds = new double[Kept];
    long _added;

    /// <summary>As they are now, for any thread: a percentile sorts, and whoever adds should not wait for that.</summary>
    public RecentTimes Copy()
    {
        var copy = new RecentTimes { _added = _added };
        _seconds.CopyTo(copy._seconds);
        return copy;
    }

    public void Add(TimeSpan time) => _seconds[_added++ % Kept] = time.TotalSeconds;

    /// <summary>Seconds; null: there was none yet.</summary>
    /// <param name="share">0.5 for the median.</param>
    public double? Percentile(double share)
    {
        var count = (int)Math.Min(Kept, _added);
        if (count == 0) return null;
        var sorted = _seconds[..count];
        Array.Sort(sorted);
        return sorted[(int)Math.Ceiling(share * count) - 1];
    }
}
