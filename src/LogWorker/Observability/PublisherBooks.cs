namespace LogPipeline.Worker.Observability;

/// <summary>
/// What is known of each publisher: what it said last, and what this worker made of its records since the worker's
/// start. Any thread.
/// </summary>
sealed class PublisherBooks(TimeProvider time)
{
    /// <summary>Publishers that are kept; beyond, the one that was heard of the longest ago goes.</summary>
    public const int CountMax = 1_000;

    readonly Lock _gate = new();
    readonly Dictionary<(string Source, string Instance), Entry> _entries = [];

    // The longest unheard of first.
    readonly LinkedList<(string Source, string Instance)> _order = [];

    /// <summary>A publisher said where its events are. What is older than what it said before changes nothing.</summary>
    public void Reported(PublisherReport report)
    {
        // A clock that is ahead would keep out what comes after it was set right.
        var now = time.GetUtcNow();
        var at = report.ReportedAt < now ? report.ReportedAt : now;
        lock (_gate)
        {
            var entry = Heard((report.Source, report.Instance));
            if (entry.Report is null || at >= entry.Report.ReportedAt) entry.Report = report with { ReportedAt = at };
        }
    }

    /// <param name="records">Lines on the disk.</param>
    /// <param name="filtered">Records under the least level that is written.</param>
    public void Written(string source, string instance, long records, long filtered)
    {
        lock (_gate)
        {
            var entry = Heard((source, instance));
            entry.Written += records;
            entry.FilteredHere += filtered;
        }
    }

    public void DeadLettered(string source, string instance, long records)
    {
        lock (_gate) Heard((source, instance)).DeadLettered += records;
    }

    /// <summary>The last that was heard of first.</summary>
    public IReadOnlyList<PublisherEntry> Read()
    {
        lock (_gate)
            return [.. _order.Reverse().Select(key => (key, entry: _entries[key])).Select(one => new PublisherEntry(
                one.key.Source, one.key.Instance, one.entry.Report, one.entry.Written, one.entry.FilteredHere,
                one.entry.DeadLettered))];
    }

    Entry Heard((string Source, string Instance) key)
    {
        if (_entries.TryGetValue(key, out var entry)) _order.Remove(entry.Place);
        else
        {
            if (_entries.Count == CountMax)
            {
                _entries.Remove(_order.First!.Value);
                _order.RemoveFirst();
            }
            _entries[key] = entry = new Entry(key);
        }
        _order.AddLast(entry.Place);
        return entry;
    }

    sealed class Entry((string Source, string Instance) key)
    {
        public LinkedListNode<(string Source, string Instance)> Place { get; } = new(key);
        public PublisherReport? Report { get; set; }
        public long Written { get; set; }
        public long FilteredHere { get; set; }
        public long DeadLettered { get; set; }
    }
}

/// <summary>One publisher, as this worker knows it.</summary>
/// <param name="Report">Null: it has said nothing, as publishers did before there were reports.</param>
/// <param name="Written">Its lines that this worker has put on the disk since the worker's start.</param>
/// <param name="FilteredHere">Its records that this worker left out since then, by their level.</param>
/// <param name="DeadLettered">Its records in dead letters that this worker made since then.</param>
sealed record PublisherEntry(string Source, string Instance, PublisherReport? Report, long Written, long FilteredHere,
    long DeadLettered);
