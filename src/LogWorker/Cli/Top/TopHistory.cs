using LogPipeline.Worker.Web;

namespace LogPipeline.Worker.Cli.Top;

/// <summary>What a worker said in the last minutes, and what follows from two answers. Whoever asks owns it.</summary>
sealed class TopHistory
{
    /// <summary>What a sparkline shows.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    // An interval of 200 ms over the whole time.
    const int RatesMax = 1_500;

    readonly Queue<(DateTimeOffset At, double PerSecond)> _rates = new();
    (DateTimeOffset At, StatsAnswer Stats)? _before;

    /// <summary>The last answer; null: there was none yet.</summary>
    public StatsAnswer? Stats { get; private set; }

    /// <summary>When it came.</summary>
    public DateTimeOffset At { get; private set; }

    /// <summary>Why there is no newer one; null: it is the newest.</summary>
    public string? Problem { get; private set; }

    public void Add(StatsAnswer stats, DateTimeOffset now)
    {
        // Another process counts from 0 again.
        _before = Stats is not null && Problem is null && Stats.Worker.StartedAt == stats.Worker.StartedAt ? (At, Stats) : null;
        (Stats, At, Problem) = (stats, now, null);
        if (Rate(of => of.Records.Written) is { } rate) _rates.Enqueue((now, rate));
        while (_rates.Count > 0 && (_rates.Count > RatesMax || _rates.Peek().At <= now - Window)) _rates.Dequeue();
    }

    public void Fail(string problem) => Problem = problem;

    /// <summary>By how much a count grew in a second between the last two answers; null: it is not known.</summary>
    public double? Rate(Func<StatsAnswer, long> count) =>
        _before is { } before && Stats is not null && At > before.At
            ? Math.Max(0, count(Stats) - count(before.Stats)) / (At - before.At).TotalSeconds : null;

    /// <summary>Written records a second over the last minutes, in so many steps; null: nothing is known of one.</summary>
    public double?[] Steps(int count, DateTimeOffset now)
    {
        var steps = new double?[count];
        var taken = new int[count];
        foreach (var (at, rate) in _rates)
        {
            var i = count - 1 - (int)((now - at) / Window * count);
            if (i < 0 || i >= count) continue;
            steps[i] = (steps[i] ?? 0) + rate;
            taken[i]++;
        }
        for (var i = 0; i < count; i++) steps[i] /= Math.Max(1, taken[i]);
        return steps;
    }
}
