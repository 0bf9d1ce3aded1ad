using LogPipeline.Publisher;

namespace LogPipeline.Worker.Cli.Send;

/// <summary>
/// Hands events to the sink one after the other. While little room is left it waits, so that nothing is dropped as long
/// as Temporal takes what was read before.
/// </summary>
/// <param name="waitMax">So long it waits without any room being made; then it gives up.</param>
sealed class EventSender(TemporalSink sink, EventMaker maker, SendTally tally, double fillMax, TimeSpan waitMax,
    TimeProvider time)
{
    static readonly TimeSpan RoomInterval = TimeSpan.FromMilliseconds(50);

    static readonly DropReason[] NotTaken =
        [DropReason.QueueFull, DropReason.SpoolFull, DropReason.DiskFailed, DropReason.Closed];

    /// <summary>Below the fill at which the sink keeps room for higher levels.</summary>
    public static double FillMaxOf(TemporalSinkOptions options) => Math.Min(75, options.Sampling.ShedPercent - 5) / 100.0;

    /// <param name="mark">The spool keeps it with the event; 0: none.</param>
    /// <returns>Null: it was taken; else why not.</returns>
    public ValueTask<string?> SendAsync(InputEvent input, long mark, CancellationToken cancellationToken) =>
        sink.Fill < fillMax ? new ValueTask<string?>(Send(input, mark)) : WaitAndSendAsync(input, mark, cancellationToken);

    async ValueTask<string?> WaitAndSendAsync(InputEvent input, long mark, CancellationToken cancellationToken) =>
        await HasRoomAsync(cancellationToken).ConfigureAwait(false)
            ? Send(input, mark) : "The spool is as full as LOG_SPOOL_BYTES_MAX lets it be, and Temporal takes nothing.";

    string? Send(in InputEvent input, long mark)
    {
        if (!sink.TryEmit(maker.Make(input.Text), mark) && HasRefused())
            return "The sink takes nothing more.";
        tally.Events++;
        tally.Lines += input.Lines;
        tally.LinesReplaced += input.LinesReplaced;
        return null;
    }

    async Task<bool> HasRoomAsync(CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        for (var lowest = sink.Fill; sink.Fill >= fillMax; lowest = Math.Min(lowest, sink.Fill))
        {
            if (sink.Fill < lowest) since = time.GetTimestamp();
            if (waitMax != Timeout.InfiniteTimeSpan && time.GetElapsedTime(since) > waitMax) return false;
            await Task.Delay(RoomInterval, time, cancellationToken).ConfigureAwait(false);
        }
        return true;
    }

    // The first one ends the sending.
    bool HasRefused() => sink.Stats.DroppedByReason.Any(dropped => NotTaken.Contains(dropped.Key));
}
