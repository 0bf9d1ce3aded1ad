using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using Temporalio.Workflows;

namespace LogPipeline.Publisher;

/// <summary>
/// Takes events on the threads that log them: admits, captures and queues, and reports those that find no room.
/// </summary>
/// <param name="packs">Records go to disk at once; false: they wait in memory.</param>
sealed class EventReceiver(RecordFormatter formatter, Intake queue, bool packs, NoticeWriter notices, Books books,
    Reporter reporter, TimeProvider time)
    : IDisposable
{
    readonly TemporalSinkOptions _options = formatter.Context.Options;
    readonly Admission _admission = new(formatter.Context.Options, queue, books, notices, reporter, time);
    readonly EventPacker? _packer = packs ? new(formatter.Context) : null;
    long _replayed;

    /// <summary>Events that a workflow logged again while it was replayed.</summary>
    public long Replayed => Interlocked.Read(ref _replayed);

    /// <summary>A workflow that is replayed logs again what it has logged before.</summary>
    public bool IsReplayed()
    {
        if (!Workflow.InWorkflow || !Workflow.Unsafe.IsReplayingHistoryEvents) return false;
        Interlocked.Increment(ref _replayed);
        return true;
    }

    /// <param name="always">It is not sampled, shed or suppressed.</param>
    /// <param name="mark">The spool keeps it with the record; 0: none.</param>
    /// <param name="isOwn">The sink's own work has logged it.</param>
    /// <returns>False: it is not taken, and the books say why.</returns>
    public bool TryTake(LogEvent logEvent, bool always, long mark, out bool isOwn)
    {
        isOwn = !Reentrancy.TryEnterCapture();
        if (isOwn)
        {
            Drop(DropReason.Reentrant, logEvent);
            return false;
        }
        CapturedRecord record;
        try
        {
            if (!always && !_admission.Admits(logEvent)) return false;
            record = _packer?.TryPack(logEvent)
                ?? (queue.IsBehind ? formatter.Format(logEvent) : formatter.Capture(logEvent));
        }
        // The edge to the application: an event of which not even a placeholder can be made is counted, and the
        // application goes on.
        catch (Exception)
        {
            Drop(DropReason.Unrenderable, logEvent);
            return false;
        }
        finally
        {
            Reentrancy.LeaveCapture();
        }
        // A packed record is used again for the next event; its content is on disk by then.
        record.Mark = mark;
        if (!packs && reporter.HasListener) record.OriginalEvent = logEvent;
        if (!queue.TryEnqueue(record, urgent: _options.FlushOnError && logEvent.Level >= LogEventLevel.Error,
            out var droppedAs))
        {
            OnDropped(droppedAs, logEvent);
            return false;
        }
        if (queue.HasNotice) notices.WriteDropped(queue.Pressure);
        return true;
    }

    /// <summary>Writes the last notices, and takes nothing more.</summary>
    public void Dispose()
    {
        _admission.Dispose();
        notices.WriteDropped(queue.Pressure);
        queue.Close();
    }

    void Drop(DropReason reason, LogEvent logEvent)
    {
        books.EmittedAndDropped(reason);
        OnDropped(reason, logEvent);
    }

    void OnDropped(DropReason reason, LogEvent logEvent)
    {
        reporter.OnDropped(reason, logEvent);
        reporter.Log("dropped", () =>
            $"Events were dropped: "
            + $"{string.Join(", ", books.GetSnapshot().DroppedByReason.Select(dropped => $"{dropped.Value} {dropped.Key}"))}.");
        notices.WriteDropping(reason);
    }
}
