using LogPipeline.Worker.Files;
using Microsoft.Extensions.Logging;

namespace LogPipeline.Worker.Hosting;

/// <summary>Turns what the writer does into log messages: the sum every ten seconds at most, single batches at debug level.</summary>
sealed class WriterReporter(ILogger logger, TimeProvider time)
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // Written by the writer's loop, read when it has ended.
    long _batches;
    long _records;
    long _bytes;
    long _filtered;
    long? _reportedAt;

    public void On(WriterEvent happened)
    {
        switch (happened)
        {
            case WriterEvent.Opened opened:
                WorkerLog.Opened(logger, opened.Receipts, opened.Finished);
                if (opened.DamagedBytes > 0) WorkerLog.LedgerDamaged(logger, opened.DamagedBytes);
                break;
            case WriterEvent.Wrote wrote:
                foreach (var (entry, _) in wrote.Batches) Count(entry);
                Report();
                break;
            case WriterEvent.Disorder disorder:
                WorkerLog.Disorder(logger, disorder.Batch.Id.ToString());
                break;
            case WriterEvent.Retired retired:
                foreach (var (file, reason) in retired.Files) WorkerLog.Retired(logger, file.Name.ToString(), file.Bytes, file.LastWritten, reason);
                break;
            case WriterEvent.RetentionFailed failed:
                WorkerLog.RetentionFailed(logger, failed.Error.Message);
                break;
            case WriterEvent.Failed failed:
                WorkerLog.NotWritten(logger, failed.Batches, failed.Error.Message);
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
            WorkerLog.BatchWritten(logger, entry.Batch, part.File, part.Offset, part.RecordCount, part.Length);
        }
    }

    void Report()
    {
        if (_reportedAt is { } at && time.GetElapsedTime(at) < Interval) return;
        _reportedAt = time.GetTimestamp();
        WorkerLog.Written(logger, _batches, _records, _bytes);
        if (_filtered > 0) WorkerLog.Filtered(logger, _filtered);
    }
}
