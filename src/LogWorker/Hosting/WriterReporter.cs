using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Claims;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;

namespace LogPipeline.Worker.Hosting;

/// <summary>
/// Turns what the writer does into log messages: the sum every ten seconds at most, single batches at debug level, trouble with
/// the disk once when it comes and once when it is over. Readiness and systemd are told of trouble too.
/// </summary>
sealed class WriterReporter(ILogger logger, TimeProvider time, Readiness readiness, ServiceStatus systemd)
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    static readonly TimeSpan OverflowInterval = TimeSpan.FromHours(1);

    // Written by the writer's loop, read when it has ended.
    long _batches;
    long _records;
    long _bytes;
    long _filtered;
    long? _reportedAt;
    long _overflowed;
    long _overflowedTold;
    long? _overflowToldAt;

    public void On(WriterEvent happened)
    {
        switch (happened)
        {
            case WriterEvent.Opened opened:
                if (readiness.Succeeded() is { } over)
                {
                    WorkerLog.Recovered(logger, over.Trouble.Path, over.Lasted.TotalSeconds);
                    systemd.Trouble(null);
                    break;
                }
                WorkerLog.Opened(logger, opened.Receipts, opened.Finished);
                if (opened.DamagedBytes > 0) WorkerLog.LedgerDamaged(logger, opened.DamagedBytes);
                break;
            case WriterEvent.Wrote wrote:
                foreach (var (entry, _) in wrote.Batches) Count(entry);
                Report();
                break;
            case WriterEvent.Copied copied:
                WorkerLog.Copied(logger, copied.Batches.Count, copied.Batches[0]);
                break;
            case WriterEvent.Disorder disorder:
                WorkerLog.Disorder(logger, disorder.Batch.Id.ToString());
                break;
            case WriterEvent.Retired retired:
                foreach (var (file, reason) in retired.Files) WorkerLog.Retired(logger, file.Name.ToString(), file.Bytes, file.LastWritten, reason.ToString());
                break;
            case WriterEvent.RetentionFailed failed:
                WorkerLog.RetentionFailed(logger, failed.Error.Message);
                break;
            case WriterEvent.Failed failed:
                WorkerLog.NotWritten(logger, failed.Batches, failed.Error.Message);
                if (readiness.Failed(failed.Error.Message) is { } trouble)
                {
                    WorkerLog.InTrouble(logger, trouble.Sentence);
                    systemd.Trouble(trouble.Sentence);
                }
                break;
            case WriterEvent.ForeignHand foreign:
                WorkerLog.ForeignHand(logger, foreign.File.ToString(), foreign.Length, foreign.Found is { } found ? $"{found} bytes" : "nothing of it", foreign.Next.ToString());
                break;
            case WriterEvent.Obstructed obstructed:
                WorkerLog.Obstructed(logger, Path.Combine(readiness.Path, obstructed.Channel.ToString()));
                break;
            case WriterEvent.DirectoryLost:
                WorkerLog.DirectoryLost(logger, readiness.Path);
                break;
            case WriterEvent.Compressed compressed:
                foreach (var file in compressed.Files) WorkerLog.Compressed(logger, file.Name.ToString(), file.Length, file.CompressedLength);
                break;
            case WriterEvent.CompressionFailed failed:
                WorkerLog.CompressionFailed(logger, failed.Error.Message);
                break;
        }
    }

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
        if (_overflowed > _overflowedTold && !(_overflowToldAt is { } told && time.GetElapsedTime(told) < OverflowInterval))
        {
            (_overflowedTold, _overflowToldAt) = (_overflowed, time.GetTimestamp());
            WorkerLog.Overflowed(logger, _overflowed);
        }
        if (_reportedAt is { } at && time.GetElapsedTime(at) < Interval) return;
        _reportedAt = time.GetTimestamp();
        WorkerLog.Written(logger, _batches, _records, _bytes);
        if (_filtered > 0) WorkerLog.Filtered(logger, _filtered);
    }
}
