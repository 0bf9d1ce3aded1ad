using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Claims;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Worker.Hosting;

/// <summary>
/// Logs what the writer does: the sum every ten seconds at most, single batches at debug level, trouble with the disk
/// once when it comes and once when it is over. Readiness and systemd show trouble too.
/// </summary>
sealed class WriterReporter(ILogger logger, TimeProvider time, Readiness readiness, ServiceStatus systemd)
    : IWriterObserver
{
    readonly Throttle _sums = new(time, TimeSpan.FromSeconds(10));
    readonly Throttle _overflows = new(time, TimeSpan.FromHours(1));

    // Written by the writer's loop, read when it has ended.
    long _batches;
    long _records;
    long _bytes;
    long _filtered;
    long _overflowed;
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

    public void OnWritten(IReadOnlyList<(LedgerEntry Entry, PreparedBatch Batch)> batches)
    {
        foreach (var (entry, _) in batches) Count(entry);
        Report();
    }

    public void OnFailed(int batches, Exception error)
    {
        WorkerLog.NotWritten(logger, batches, error.Message);
        if (readiness.Failed(error.Message) is not { } trouble) return;
        WorkerLog.InTrouble(logger, trouble.Sentence);
        systemd.Trouble(trouble.Sentence);
    }

    public void OnDisorder(PreparedBatch batch) => WorkerLog.Disorder(logger, batch.Id.ToString());

    public void OnCopied(IReadOnlyList<string> batches) => WorkerLog.Copied(logger, batches.Count, batches[0]);

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
        WorkerLog.Stopped(logger, _batches, _records, _bytes);
        if (_filtered > 0) WorkerLog.Filtered(logger, _filtered);
    }

    void Count(LedgerEntry entry)
    {
        _batches++;
        _filtered += entry.Filtered;
        foreach (var part in entry.Parts)
        {
            _records += part.RecordCount;
            _bytes += part.Length;
            if (part.Name.Channel == ChannelName.Overflow) _overflowed += part.RecordCount;
            WorkerLog.BatchWritten(logger, entry.Batch, part.File, part.Offset, part.RecordCount, part.Length);
        }
    }

    void Report()
    {
        if (_overflowed > _overflowedLogged && _overflows.TryPass())
        {
            _overflowedLogged = _overflowed;
            WorkerLog.Overflowed(logger, _overflowed);
        }
        if (!_sums.TryPass()) return;
        WorkerLog.Written(logger, _batches, _records, _bytes);
        if (_filtered > 0) WorkerLog.Filtered(logger, _filtered);
    }
}
