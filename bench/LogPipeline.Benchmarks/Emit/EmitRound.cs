using System.Diagnostics;

namespace LogPipeline.Benchmarks.Emit;

/// <summary>What one round of one target took. Times are of single calls, in microseconds.</summary>
/// <param name="P50">Half of the calls took no longer.</param>
/// <param name="P999">999 of 1,000 took no longer.</param>
/// <param name="Max">The longest.</param>
/// <param name="Mean">Of all.</param>
/// <param name="Bytes">Garbage of an event, with what the target's own threads made of it.</param>
/// <param name="Cpu">Processor time of an event in microseconds, with what the target's own threads used until all was written.</param>
sealed record EmitRound(double P50, double P999, double Max, double Mean, double Bytes, double Cpu)
{
    static readonly string[] Customers = ["Ada Lovelace", "Alan Turing", "Grace Hopper", "Edsger Dijkstra"];
    static readonly string[] States = ["packed", "shipped", "returned"];

    /// <summary>Every thread logs its share as fast as it can; all begin together.</summary>
    public static EmitRound Run(EmitTarget target, int threads, int eventsPerThread)
    {
        var times = new long[threads][];
        for (var i = 0; i < threads; i++) times[i] = new long[eventsPerThread];
        using var start = new Barrier(threads + 1);
        var workers = new Thread[threads];
        for (var i = 0; i < threads; i++)
        {
            var own = times[i];
            workers[i] = new Thread(() =>
            {
                start.SignalAndWait();
                for (var n = 0; n < own.Length; n++)
                {
                    var before = Stopwatch.GetTimestamp();
                    target.Log(n, Customers[n & 3], States[n % 3]);
                    own[n] = Stopwatch.GetTimestamp() - before;
                }
            });
            workers[i].Start();
        }
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var cpu = Environment.CpuUsage.TotalTime;
        start.SignalAndWait();
        foreach (var worker in workers) worker.Join();
        target.Drain();
        cpu = Environment.CpuUsage.TotalTime - cpu;
        bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
        var all = times.SelectMany(time => time).Select(ticks => ticks * 1e6 / Stopwatch.Frequency).Order().ToArray();
        return new EmitRound(all[all.Length / 2], all[(int)(all.Length * 0.999)], all[^1], all.Average(), (double)bytes / all.Length,
            cpu.TotalMicroseconds / all.Length);
    }

    /// <summary>Of each figure the median over rounds; of the longest call also the worst of all.</summary>
    public static EmitRound Median(IReadOnlyList<EmitRound> rounds) => new(
        Of(rounds, r => r.P50), Of(rounds, r => r.P999), Of(rounds, r => r.Max), Of(rounds, r => r.Mean), Of(rounds, r => r.Bytes),
        Of(rounds, r => r.Cpu));

    static double Of(IReadOnlyList<EmitRound> rounds, Func<EmitRound, double> figure) =>
        rounds.Select(figure).Order().ElementAt(rounds.Count / 2);
}
