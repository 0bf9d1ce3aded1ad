using System.Diagnostics;

namespace LogPipeline.EndToEnd.Support;

/// <summary>How long each call of the logger took.</summary>
sealed class EmitClock
{
    readonly List<TimeSpan> _times = [];

    public TimeSpan Max => _times.Max();
    public int Count => _times.Count;

    public void Measure(Action emit)
    {
        var start = Stopwatch.GetTimestamp();
        emit();
        _times.Add(Stopwatch.GetElapsedTime(start));
    }

    /// <summary>The time that this share of the calls did not exceed.</summary>
    public TimeSpan Percentile(double share)
    {
        var sorted = _times.Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
    }

    public override string ToString() =>
        $"Emit of {Count} events: p50 {Percentile(0.5).TotalMicroseconds:f0} us, p99 {Percentile(0.99).TotalMicroseconds:f0} us, max "
        + $"{Max.TotalMilliseconds:f1} ms";
}
