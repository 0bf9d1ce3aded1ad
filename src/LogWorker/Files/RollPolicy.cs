using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Files;

/// <summary>Decides which file takes the next lines of a channel.</summary>
static class RollPolicy
{
    // A clock that is set right by less than this goes on in the file it has; one that was a day or more ahead returns
    // to its own days.
    const int DaysAheadKept = 1;

    /// <param name="channel">Whose lines.</param>
    /// <param name="newest">The channel's newest file; null: it has none.</param>
    /// <param name="length">That file's length; null: it must not be continued, as its end is not the one that was
    /// written here.</param>
    /// <param name="adding">Bytes to be added; they are never divided between files.</param>
    /// <param name="today">The UTC day by the worker's clock.</param>
    /// <param name="fileBytesMax">A file that holds something is not taken beyond this.</param>
    /// <param name="newestOfToday">The highest number that today has already, 0 for none.</param>
    /// <param name="format">What the lines are; a file holds one format.</param>
    public static LogFileName Choose(ChannelName channel, LogFileName? newest, long? length, long adding,
        DateOnly today, long fileBytesMax, int newestOfToday, LogFormat format = LogFormat.Clef)
    {
        if (newest is not { } current) return new LogFileName(channel, today, newestOfToday + 1, format);
        var isOfToday = current.Day == today
            || (current.Day > today && current.Day.DayNumber - today.DayNumber <= DaysAheadKept);
        if (!isOfToday) return new LogFileName(channel, today, newestOfToday + 1, format);
        if (current.Format != format) return current.Next with { Format = format };
        if (length is null || (length > 0 && length + adding > fileBytesMax)) return current.Next;
        return current;
    }
}
