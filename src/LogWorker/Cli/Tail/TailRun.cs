using LogPipeline.Worker.Channels;

namespace LogPipeline.Worker.Cli.Tail;

/// <summary>Shows what is there, and then what is added.</summary>
sealed class TailRun(ChosenChannels channels, TailQuery query, RecordPrinter printer, LineOutput output, TailNotices notices,
    TimeProvider time, CancellationToken stop) : IDisposable
{
    const long LastBytesMax = 256 << 20;

    static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    // In the order in which they were found.
    readonly Dictionary<string, ChannelFollower> _followers = new(StringComparer.Ordinal);

    /// <param name="countMax">So many of them, the last ones; null: all.</param>
    public void ShowWhatIsThere(int? countMax)
    {
        var there = new List<ChannelRecords>();
        foreach (var (root, channel) in channels.Find())
        {
            var records = new ChannelRecords(root, channel, query, notices, stop);
            there.Add(records);
            Follow(root, channel, records.End);
        }
        printer.Begin();
        Print(countMax is { } count ? Last(there, count) : RecordMerge.Forward(there.Select(channel => channel.Forward())));
        printer.End();
    }

    /// <summary>Until it is stopped, or nobody reads what is shown.</summary>
    public async Task FollowAsync()
    {
        while (!output.IsClosed)
        {
            foreach (var (root, channel) in channels.Find()) Follow(root, channel, null);
            if (!Print(RecordMerge.Forward(_followers.Values.Select(follower => follower.Read()))))
                await Task.Delay(PollInterval, time, stop).ConfigureAwait(false);
            output.Flush();
        }
    }

    public void Dispose()
    {
        foreach (var follower in _followers.Values) follower.Dispose();
    }

    void Follow(StoreDirectory root, ChannelName channel, (LogFileName File, long Offset)? from)
    {
        var path = $"{root.Path}/{channel}";
        if (!_followers.ContainsKey(path)) _followers.Add(path, new ChannelFollower(root, channel, from, query, notices, time, stop));
    }

    IEnumerable<TailedRecord> Last(List<ChannelRecords> there, int countMax)
    {
        var (last, bytes) = (new List<TailedRecord>(), 0L);
        foreach (var record in RecordMerge.Backward(there.Select(channel => channel.Backward(countMax))).Take(countMax))
        {
            last.Add(record);
            if ((bytes += record.Lines.Length) <= LastBytesMax) continue;
            notices.Say($"Only the last {last.Count} records are shown: they have {LastBytesMax >> 20} MiB.");
            break;
        }
        last.Reverse();
        return last;
    }

    bool Print(IEnumerable<TailedRecord> records)
    {
        var hasRecords = false;
        foreach (var record in records)
        {
            stop.ThrowIfCancellationRequested();
            printer.Write(record);
            if (output.IsClosed) break;
            hasRecords = true;
        }
        return hasRecords;
    }
}
