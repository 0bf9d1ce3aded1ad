using LogPipeline.Publisher;

namespace LogPipeline.EndToEnd.Support;

/// <summary>What sinks said was accepted, in a file as <c>logworker verify --acks</c> reads it.</summary>
sealed class Acknowledged(string file)
{
    public long Records { get; private set; }

    /// <summary>
    /// Waits until all that a sink took is accepted, and notes it. The sink logged for this test alone, so its numbers begin at 1.
    /// </summary>
    public async Task NoteAsync(TemporalSink sink, string source, TimeSpan waitMax)
    {
        var stats = await TestSupport.Eventually.GetAsync(() => Task.FromResult(sink.Stats), now =>
            now is { Queued: 0, Spooled: 0 } && now.Accepted == now.Emitted, waitMax);
        if (stats.Accepted == 0) return;
        await File.AppendAllTextAsync(file, $"{source}/{sink.Instance}/1-{stats.Accepted}\n", Encoding.ASCII);
        Records += stats.Accepted;
    }
}
