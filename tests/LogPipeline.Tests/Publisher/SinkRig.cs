using System.Diagnostics;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Options;
using LogPipeline.Publisher.Publishing;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Publisher;

/// <summary>A sink with a Temporal, a clock and a disk of the test's own.</summary>
sealed class SinkRig(StoreDirectory? disk = null)
{
    public FakeTemporal Temporal { get; } = new();
    public TestClock Clock { get; } = new();
    public List<string> Reports { get; } = [];
    public StoreDirectory Disk { get; } = disk ?? new InMemoryDisk().Root;

    public TemporalSinkOptions Options { get; set; } =
        new() { Source = "orders", Durability = Durability.Memory, Timeouts = { Close = TimeSpan.FromSeconds(3) } };

    public TemporalSink Open(IBatchStarter? temporal = null, bool audits = false)
    {
        var settled = SinkOptionsReader.Settle(Options, _ => null, audits);
        return new TemporalSink(settled, temporal ?? Temporal, settled.Fallback.Mode == TemporalFallback.Spool ? Disk : null, "test:7233",
            Clock, new Random(Some.Number()), Report, audits);
    }

    /// <summary>Lets the clock run in small steps until the condition holds.</summary>
    public Task UntilAsync(TemporalSink sink, Func<PublisherStats, bool> condition, TimeSpan? step = null) =>
        UntilAsync(() => condition(sink.Stats), step, () => $"{sink.Stats} {string.Join(", ", sink.Stats.DroppedByReason)}");

    /// <summary>Lets the clock run in small steps until the condition holds.</summary>
    public async Task UntilAsync(Func<bool> condition, TimeSpan? step = null, Func<string>? explain = null)
    {
        var limit = Stopwatch.StartNew();
        while (!condition())
        {
            if (limit.Elapsed > TimeSpan.FromMinutes(2))
                throw new TimeoutException($"It never came true. {explain?.Invoke()} {string.Join(" | ", Reports)}");
            Clock.Advance(step ?? TimeSpan.FromMilliseconds(50));
            // Gives the loop's continuations a turn; how long that takes decides nothing.
            await Task.Delay(1);
        }
    }

    /// <summary>Closes while the clock runs, so that the close timeout passes if it has to.</summary>
    public async Task CloseAsync(TemporalSink sink)
    {
        var closing = sink.DisposeAsync().AsTask();
        await UntilAsync(() => closing.IsCompleted);
        await closing;
    }

    void Report(string text)
    {
        lock (Reports) Reports.Add(text);
    }
}
