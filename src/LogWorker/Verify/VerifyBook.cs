using Stream = (string Source, string Instance);

namespace LogPipeline.Worker.Verify;

/// <summary>
/// The sequence numbers of one log directory, or of several that workers share, and the report about them.
/// </summary>
sealed class VerifyBook
{
    /// <summary>A longer gap is counted and not walked through: a record may have any number.</summary>
    const long WalkedMax = 1_000_000;

    /// <summary>Most numbers that one gap counts for, so that the sum of all gaps is a number.</summary>
    const long CountedMax = 1_000_000_000;

    readonly Dictionary<Stream, SequenceSet> _found = [];

    // Numbers that are somewhere else, or may still come.
    readonly Dictionary<Stream, SequenceSet> _excused = [];

    // Numbers from which an unknown count is somewhere else.
    readonly HashSet<(string Source, string Instance, long First)> _openEnds = [];

    // Gaps that were counted, in the order of their numbers.
    readonly Dictionary<Stream, List<(long From, long End)>> _longGaps = [];

    // The first number that a ledger names.
    readonly Dictionary<Stream, long> _firstKnown = [];

    public VerifyReport Report { get; } = new();

    /// <summary>A ledger names this batch.</summary>
    public void AddKnown(BatchId id) =>
        _firstKnown[(id.Source, id.Instance)] =
            Math.Min(id.FirstSequence, _firstKnown.GetValueOrDefault((id.Source, id.Instance), long.MaxValue));

    /// <returns>False: it was found before.</returns>
    public bool AddFound(Stream stream, long number) => SetOf(_found, stream).Add(number);

    /// <summary>Numbers that no line needs to show.</summary>
    public void Excuse(BatchId id, long count) =>
        SetOf(_excused, (id.Source, id.Instance)).AddRange(id.FirstSequence, count);

    /// <summary>From this batch's first number on, an unknown count needs no line.</summary>
    public void ExcuseFrom(BatchId id) => _openEnds.Add((id.Source, id.Instance, id.FirstSequence));

    /// <summary>Reports the numbers that are missing between others.</summary>
    public void ReportGaps()
    {
        foreach (var (stream, found) in _found)
        {
            // What the ledger no longer names may have been removed with its file.
            var from = _firstKnown.Count == 0 ? 0 : _firstKnown.GetValueOrDefault(stream, long.MaxValue);
            var excused = _excused.GetValueOrDefault(stream);
            var next = -1L;
            foreach (var number in found.Numbers())
            {
                if (_openEnds.Contains((stream.Source, stream.Instance, next))) next = number;
                if (next >= 0 && number - next > WalkedMax)
                    AddLongGap(stream, Math.Max(next, from), number, excused);
                else
                    for (; next >= 0 && next < number; next++)
                        if (next >= from && excused?.Contains(next) != true)
                            AddLost(stream, next, "Its neighbours are here.");
                next = number + 1;
            }
        }
    }

    /// <summary>Reports the numbers that are missing though their sender's log has them as accepted.</summary>
    public void ReportMissing(Dictionary<Stream, SequenceSet> acknowledged)
    {
        Report.Acknowledged = acknowledged.Values.Sum(numbers => numbers.Count);
        foreach (var (stream, numbers) in acknowledged)
        {
            var (found, excused) = (_found.GetValueOrDefault(stream), _excused.GetValueOrDefault(stream));
            var (gaps, gap) = (_longGaps.GetValueOrDefault(stream) ?? [], 0);
            foreach (var number in numbers.Numbers())
            {
                while (gap < gaps.Count && gaps[gap].End <= number) gap++;
                if (gap < gaps.Count && number >= gaps[gap].From) continue;
                if (found?.Contains(number) != true && excused?.Contains(number) != true)
                    AddLost(stream, number, "Its sender was told that it is accepted.");
            }
        }
    }

    void AddLongGap(Stream stream, long from, long end, SequenceSet? excused)
    {
        if (from >= end) return;
        var lost = Math.Min(end - from, CountedMax) - (excused?.CountIn(from, end) ?? 0);
        if (lost <= 0) return;
        if (!_longGaps.TryGetValue(stream, out var gaps)) _longGaps[stream] = gaps = [];
        gaps.Add((from, end));
        Report.RowOf(null, stream.Source).Lost += lost;
        Report.AddExample("lost", $"{stream.Source}/{stream.Instance}/{from}",
            $"All from there up to {end} are missing, but for those that may be elsewhere.");
    }

    // Missing in two ways, it is one loss.
    void AddLost(Stream stream, long number, string why)
    {
        if (!SetOf(_excused, stream).Add(number)) return;
        Report.RowOf(null, stream.Source).Lost++;
        Report.AddExample("lost", $"{stream.Source}/{stream.Instance}/{number}", why);
    }

    static SequenceSet SetOf(Dictionary<Stream, SequenceSet> sets, Stream stream)
    {
        if (!sets.TryGetValue(stream, out var set)) sets[stream] = set = new SequenceSet();
        return set;
    }
}
