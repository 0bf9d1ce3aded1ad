using System.Diagnostics;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>Durations and what can be said of them.</summary>
sealed class Times(IEnumerable<long> ticks)
{
    readonly long[] _sorted = [.. ticks.Order()];

    public double Microseconds(double share) =>
        _sorted[Math.Min(_sorted.Length - 1, (int)(_sorted.Length * share))] * 1e6 / Stopwatch.Frequency;
    public double Milliseconds(double share) => Microseconds(share) / 1000;
}
