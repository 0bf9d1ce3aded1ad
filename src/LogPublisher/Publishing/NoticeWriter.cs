using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Filtering;
using LogPipeline.Publisher.Queue;
using Serilog.Parsing;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// Events that the sink makes itself and puts among the application's, in its default channel unless they repeat an
/// event of another: each has the property <c>Notice</c>. They take the same way from capture on, but pass no filter,
/// are never shed, and enter the queue beyond its bound; in the books they are <see cref="PublisherStats.Notices"/>,
/// not emitted. What happens to a notice makes no other notice.
/// </summary>
sealed class NoticeWriter(RecordFormatter formatter, Intake intake, Books books, Reporter reporter, TimeProvider time)
{
    /// <summary>From this fill on a notice warns that room runs out.</summary>
    const double FillingFrom = 0.8;

    static readonly MessageTemplateParser Parser = new();
    static readonly MessageTemplate Filling =
        Parser.Parse("The room for log events that wait for Temporal is taken to {FillPercent} %");
    static readonly MessageTemplate Dropped =
        Parser.Parse("{Dropped} events were dropped between {From:O} and {To:O}: {Reason}");
    static readonly MessageTemplate Dropping =
        Parser.Parse("Log events are dropped ({DropReason}), {DroppedCount} so far");

    readonly Throttle _throttle = new(time);
    readonly Lock _gate = new();
    // Under the gate.
    (long Count, DateTimeOffset From, DateTimeOffset To) _shed;

    // Below this fill, from 0 to 1, shedding is over.
    readonly double _shedEndsBelow = new ShedPolicy(formatter.Context.Options).EndsBelow;

    /// <summary>Writes the notices for which this fill is a reason. Called often by the publish loop.</summary>
    public void Update(double fill)
    {
        WriteFilling(fill);
        if (fill < _shedEndsBelow) WriteShed();
        WriteDropped(fill);
    }

    /// <summary>
    /// An event was shed: warns, and counts it for the summary that follows when there is room again.
    /// </summary>
    public void OnShed()
    {
        var now = time.GetUtcNow();
        lock (_gate) _shed = (_shed.Count + 1, _shed.Count == 0 ? now : _shed.From, now);
        WriteDropping(DropReason.Shed);
    }

    /// <summary>Writes how many events were shed since the last such notice, if any were.</summary>
    public void WriteShed()
    {
        (long Count, DateTimeOffset From, DateTimeOffset To) shed;
        lock (_gate) (shed, _shed) = (_shed, default);
        if (shed.Count > 0) WriteDropped(new DropNotice(shed.Count, shed.From, shed.To, DropReason.Shed));
    }

    /// <summary>Warns, once a minute at most, while the room is taken to 80 % or more.</summary>
    void WriteFilling(double fill)
    {
        if (fill < FillingFrom || !_throttle.TryPass("filling")) return;
        Write(Event(LogEventLevel.Warning, Filling, "filling", ("FillPercent", (int)(fill * 100))));
    }

    /// <summary>Warns of a drop: of the first at once, and then once a minute at most while there are more.</summary>
    public void WriteDropping(DropReason reason)
    {
        // What comes when the sink is closed finds it closed for notices too; what the sink causes itself must cause
        // nothing more.
        if (reason is DropReason.Closed or DropReason.Reentrant || !_throttle.TryPass("dropping")) return;
        Write(Event(LogEventLevel.Warning, Dropping, "dropping", ("DropReason", reason.ToString()),
            ("DroppedCount", books.GetSnapshot().Dropped)));
    }

    /// <summary>Writes, once there is room again, how many events are missing.</summary>
    bool WriteDropped(DropNotice dropped) => Write(Event(LogEventLevel.Warning, Dropped, "dropped",
        ("Dropped", dropped.Count), ("From", dropped.From.UtcDateTime), ("To", dropped.To.UtcDateTime),
        ("Reason", dropped.Reason.ToString())));

    /// <summary>
    /// Writes how many events the queue has refused, if there are any and there is room for the notice now.
    /// </summary>
    /// <param name="fill">How much is taken of all the room there is, from 0 to 1.</param>
    public void WriteDropped(double fill)
    {
        if (intake.HasNotice && intake.TryTakeNotice(fill) is { } dropped && !WriteDropped(dropped))
            intake.ReturnNotice(dropped);
    }

    /// <summary>Writes how often an event was repeated, with its own level, template and properties.</summary>
    public void WriteRepeated(Repeats repeats)
    {
        var template = Parser.Parse(repeats.First.MessageTemplate.Text
            + " (repeated {RepeatCount} times in the last {RepeatSeconds} s)");
        var summary = Event(repeats.First.Level, template, "repeated", ("RepeatCount", repeats.Count),
            ("RepeatSeconds", Math.Round(repeats.Over.TotalSeconds, 1)));
        foreach (var (name, value) in repeats.First.Properties)
            summary.AddPropertyIfAbsent(new LogEventProperty(name, value));
        Write(summary);
    }

    /// <summary>Captures and queues an event of the sink's own. Does not throw.</summary>
    bool Write(LogEvent notice)
    {
        // A repeated event holds the application's objects, and what these log while they are rendered must not come
        // in.
        var entered = Reentrancy.TryEnterCapture();
        CapturedRecord record;
        try
        {
            record = formatter.Format(notice);
            if (reporter.HasListener) record.OriginalEvent = notice;
        }
        // As in Emit: the edge to the application's objects.
        catch (Exception)
        {
            books.NoticeDropped(DropReason.Unrenderable);
            reporter.OnDropped(DropReason.Unrenderable, notice);
            return false;
        }
        finally
        {
            if (entered) Reentrancy.LeaveCapture();
        }
        if (intake.TryEnqueueNotice(record, out var droppedAs)) return true;
        reporter.OnDropped(droppedAs, notice);
        return false;
    }

    LogEvent Event(LogEventLevel level, MessageTemplate template, string kind,
        params ReadOnlySpan<(string Name, object Value)> properties)
    {
        var list = new List<LogEventProperty> { new("Notice", new ScalarValue(kind)) };
        foreach (var (name, value) in properties) list.Add(new LogEventProperty(name, new ScalarValue(value)));
        return new LogEvent(time.GetUtcNow(), level, null, template, list);
    }
}
