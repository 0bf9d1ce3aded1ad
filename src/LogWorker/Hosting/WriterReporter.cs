using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Claims;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Formats;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Web.Tail;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Worker.Hosting;

/// <summary>
/// Counts what the writer does and logs it: the sum every ten seconds at most, single batches at debug level, trouble
/// with the disk once when it comes and once when it is over. Readiness and systemd show trouble too.
/// </summary>
sealed class WriterReporter(ILogger logger, TimeProvider time, Readiness readiness, ServiceStatus systemd,
    WorkerBooks books, WorkerMetrics? metrics = null, PublisherBooks? publishers = null, LiveTail? tail = null) : IWriterObserver
{
    /// <summary>The level of records that have none.</summary>
    const string UnknownLevel = "unknown";

    readonly Throttle _sums = new(time, TimeSpan.FromSeconds(10));
    readonly Throttle _overflows = new(time, TimeSpan.FromHours(1));

    long _overflowedLogged;

    public void OnOpened(int receipts, int finished, long damagedBytes)
    {
        if (readiness.Succeeded() is { } over)
        {
            WorkerLog.Recovered(logger, over.Trouble.Path, over.Lasted.TotalSeconds);
            systemd.Trouble(null);
            return;
        }
        WorkerLog.Opened(logger, receipts, finished);
        if (damagedBytes > 0) WorkerLog.LedgerDamaged(logger, damagedBytes);
    }

    public void OnWritten(IReadOnlyList<(LedgerEntry Entry, PreparedBatch Batch)> batches, TimeSpan elapsed)
    {
        foreach (var (entry, batch) in batches)
        {
            Count(entry, batch);
            tail?.Write(batch);
        }
        metrics?.GroupWritten(batches.Count, elapsed);
        Report();
    }

    public void OnFailed(int batches, Exception error)
    {
        books.Failed(batches);
        WorkerLog.NotWritten(logger, batches, error.Message);
        if (readiness.Failed(error.Message) is not { } trouble) return;
        WorkerLog.InTrouble(logger, trouble.Sentence);
        systemd.Trouble(trouble.Sentence);
    }

    public void OnDisorder(PreparedBatch batch)
    {
        books.OutOfOrder();
        WorkerLog.Disorder(logger, batch.Id.ToString());
    }

    public void OnCopied(IReadOnlyList<string> batches)
    {
        books.Copied(batches.Count);
        WorkerLog.Copied(logger, batches.Count, batches[0]);
    }

    public void OnFileChanged(LogFileName file, long length, long? found, LogFileName next) =>
        WorkerLog.FileChanged(logger, file.ToString(), length, found is null ? "nothing of it" : $"{found} bytes",
            next.ToString());

    public void OnObstructed(ChannelName channel) =>
        WorkerLog.Obstructed(logger, Path.Combine(readiness.Path, channel.ToString()));

    public void OnDirectoryLost() => WorkerLog.DirectoryLost(logger, readiness.Path);

    public void OnRetired(IReadOnlyList<(LogFileStat File, RetentionReason Reason)> files)
    {
        foreach (var (file, reason) in files)
            WorkerLog.Retired(logger, file.Name.ToString(), file.Bytes, file.LastWritten, reason.ToString());
    }

    public void OnRetentionFailed(Exception error) => WorkerLog.RetentionFailed(logger, error.Message);

    public void OnClockJumped(TimeSpan by) =>
        WorkerLog.ClockJumped(logger, by > TimeSpan.Zero ? "forward" : "back",
            OptionText.Duration(TimeSpan.FromMinutes(Math.Round(by.Duration().TotalMinutes))));

    public void OnCompressed(IReadOnlyList<CompressedFile> files)
    {
        foreach (var file in files)
            WorkerLog.Compressed(logger, file.Name.ToString(), file.Length, file.CompressedLength);
    }

    public void OnCompressionFailed(Exception error) => WorkerLog.CompressionFailed(logger, error.Message);

    public void Stopped()
    {
        var stats = books.Read();
        WorkerLog.Stopped(logger, stats.Batches, stats.Written, stats.Bytes);
        if (stats.Filtered > 0) WorkerLog.Filtered(logger, stats.Filtered);
    }

    void Count(LedgerEntry entry, PreparedBatch batch)
    {
        var (records, bytes, overflowed) = (0L, 0L, 0L);
        foreach (var part in entry.Parts)
        {
            records += part.RecordCount;
            bytes += part.Length;
            if (part.Name.Channel == ChannelName.Overflow) overflowed += part.RecordCount;
            WorkerLog.BatchWritten(logger, entry.Batch, part.File, part.Offset, part.RecordCount, part.Length);
        }
        // The worker's own, which have figures of their own.
        if (entry.Parts is [{ } only] && only.Name.Channel == ChannelName.Canary) return;
        var latency = LatencyOf(batch);
        books.Written(records, bytes, entry.Filtered, overflowed, latency);
        if (batch.Id.Source != RetriedBatch.Source)
            publishers?.Written(batch.Id.Source, batch.Id.Instance, records, entry.Filtered);
        foreach (var ((channel, level), count) in batch.Volume)
            books.WrittenOf(ChannelName.Of(channel).ToString(), level?.LokiName() ?? UnknownLevel, count);
        metrics?.Written(bytes, latency);
    }

    // The publisher's clock may be ahead of this one.
    TimeSpan? LatencyOf(PreparedBatch batch) => batch.LoggedAt is not { } at ? null
        : time.GetUtcNow() - at is var passed && passed > TimeSpan.Zero ? passed : TimeSpan.Zero;

    void Report()
    {
        if (books.Overflowed is var overflowed && overflowed > _overflowedLogged && _overflows.TryPass())
        {
            _overflowedLogged = overflowed;
            WorkerLog.Overflowed(logger, overflowed);
        }
        if (!_sums.TryPass()) return;
        var stats = books.Read();
        WorkerLog.Written(logger, stats.Batches, stats.Written, stats.Bytes);
        if (stats.Filtered > 0) WorkerLog.Filtered(logger, stats.Filtered);
    }
}
