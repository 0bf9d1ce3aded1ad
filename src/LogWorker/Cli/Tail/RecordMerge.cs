namespace LogPipeline.Worker.Cli.Tail;

/// <summary>Makes one row of the records of several channels, by time; those of one channel stay as they are in its files.</summary>
static class RecordMerge
{
    /// <param name="channels">Each oldest first.</param>
    public static IEnumerable<TailedRecord> Forward(IEnumerable<IEnumerable<TailedRecord>> channels) =>
        Merge(channels, record => record.Order.UtcTicks);

    /// <param name="channels">Each newest first, and so is the row.</param>
    public static IEnumerable<TailedRecord> Backward(IEnumerable<IEnumerable<TailedRecord>> channels) =>
        Merge(channels, record => -record.Order.UtcTicks);

    static IEnumerable<TailedRecord> Merge(IEnumerable<IEnumerable<TailedRecord>> channels, Func<TailedRecord, long> order)
    {
        // At the same time the channels' own order holds, and not chance.
        var first = new PriorityQueue<(IEnumerator<TailedRecord> Records, int Channel), (long, int)>();
        try
        {
            foreach (var channel in channels) Add(channel.GetEnumerator(), first.Count);
            while (first.TryDequeue(out var next, out _))
            {
                // Back in the row before its record is given: whoever stops here leaves all to be closed.
                var record = next.Records.Current;
                Add(next.Records, next.Channel);
                yield return record;
            }
        }
        finally
        {
            foreach (var ((records, _), _) in first.UnorderedItems) records.Dispose();
        }

        void Add(IEnumerator<TailedRecord> records, int channel)
        {
            if (records.MoveNext()) first.Enqueue((records, channel), (order(records.Current), channel));
            else records.Dispose();
        }
    }
}
