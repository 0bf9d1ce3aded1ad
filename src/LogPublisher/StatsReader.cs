using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Publishing;

namespace LogPipeline.Publisher;

/// <summary>Gathers what the parts of a sink know of where its events are.</summary>
sealed class StatsReader(Books books, StartGuard guard, Pressure pressure, PublishLoop loop, RecordFormatter formatter, EventReceiver receiver, TimeProvider time)
{
    public PublisherStats GetSnapshot()
    {
        var breaker = guard.Look();
        var spool = pressure.Spool;
        var now = time.GetUtcNow();
        return books.Snapshot() with
        {
            SpooledBytes = spool.Bytes,
            OldestSpooledAge = spool.OldestAt is { } oldest ? now - oldest : null,
            Breaker = breaker.State,
            FailuresInRow = breaker.Failures,
            NextStartAt = breaker.RetryIn > TimeSpan.Zero ? now + breaker.RetryIn : null,
            Batches = loop.Batches,
            RenderFailures = formatter.Failures,
            Replayed = receiver.Replayed,
            Truncated = formatter.Truncated,
            Redacted = formatter.Redacted,
            LastError = breaker.LastError ?? loop.DiskError?.Text,
            LastErrorAt = breaker.LastErrorAt ?? loop.DiskError?.At,
        };
    }
}
