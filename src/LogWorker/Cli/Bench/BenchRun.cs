using LogPipeline.Publisher;
using LogPipeline.Worker.Cli.Send;
using Serilog.Events;

namespace LogPipeline.Worker.Cli.Bench;

/// <summary>Logs events through a sink and takes the time from each to the receipt of its batch.</summary>
sealed class BenchRun(TemporalSink sink, ReceiptWatch receipts, TimeProvider time)
{
    /// <summary>Of a line; with what the sink adds it has about 280 bytes.</summary>
    const string Filling = "GET /orders/4711/lines?page=2 answered 200 in 12.7 ms for customer 1815, 3 lines, 2 in stock, "
        + "user agent Mozilla/5.0";

    /// <param name="count">How many.</param>
    /// <param name="perSecond">Null: as fast as the sink takes them.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="TimeoutException">The worker does not write them.</exception>
    public async Task<BenchFigures> RunAsync(int count, int? perSecond, CancellationToken cancellationToken)
    {
        // What the sink logs of itself has numbers too; a record is taken for its neighbour then.
        var first = receipts.Next;
        var (emitted, latencies) = (new long[count], new double[count]);
        var emitting = Task.Run(() => EmitAsync(emitted, perSecond, cancellationToken), cancellationToken);
        for (var seen = 0; seen < count;)
        {
            var records = await receipts.NextAsync(cancellationToken).ConfigureAwait(false);
            var now = time.GetTimestamp();
            for (var i = 0; i < records && seen < count; i++, seen++)
                latencies[seen] = time.GetElapsedTime(emitted[seen], now).TotalSeconds;
        }
        var elapsed = time.GetElapsedTime(emitted[0]);
        await emitting.ConfigureAwait(false);
        return BenchFigures.Of(latencies, elapsed);
    }

    async Task EmitAsync(long[] emitted, int? perSecond, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        for (var i = 0; i < emitted.Length; i++)
        {
            if (perSecond is { } rate && TimeSpan.FromSeconds((double)i / rate) - time.GetElapsedTime(begun) is var wait
                && wait > TimeSpan.Zero)
                await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            emitted[i] = time.GetTimestamp();
            sink.Emit(EventMaker.OfText(Filling, LogEventLevel.Information, time.GetUtcNow()));
        }
        // The last would wait for others of their batch, and none come.
        await sink.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
