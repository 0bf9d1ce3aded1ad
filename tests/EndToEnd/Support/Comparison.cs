namespace LogPipeline.EndToEnd.Support;

/// <summary>What went in against what lies in the files.</summary>
static class Comparison
{
    /// <summary>
    /// Every line once, whole to the byte, in its channel's file and in order, and no number missing. The lines were logged
    /// by one thread of one process, so a line's place among them is its sequence number.
    /// </summary>
    /// <param name="logDirectory">The worker's.</param>
    /// <param name="source">Records of other sources are passed over.</param>
    /// <param name="sent">What was logged, in order.</param>
    /// <param name="explain">Added to the message of a failure.</param>
    public static void ShouldHoldExactly(string logDirectory, string source, IReadOnlyList<(string Channel, string Line)> sent,
        Func<string>? explain = null)
    {
        var records = WrittenRecord.ReadAll(logDirectory).Where(record => record.Source == source).ToArray();
        records.Select(record => record.Instance).Distinct().Count().ShouldBe(1);

        var found = new List<string>();
        Note("lost", Enumerable.Range(1, sent.Count).Except(records.Select(r => (int)r.Sequence)).Select(number => $"{number}"));
        Note("doubled", records.GroupBy(r => r.Sequence).Where(group => group.Count() > 1).Select(group => $"{group.Key}"));
        Note("never sent", records.Where(r => r.Sequence < 1 || r.Sequence > sent.Count).Select(r => $"{r.Sequence}"));
        Note("changed", records.Where(r => r.Sequence >= 1 && r.Sequence <= sent.Count && !IsWhole(r, sent[(int)r.Sequence - 1]))
            .Select(r => $"{r.Sequence}: sent '{sent[(int)r.Sequence - 1]}', written '({r.Channel}, {r.Message})'"));
        Note("out of order", records.GroupBy(r => r.Channel).SelectMany(channel => channel.Zip(channel.Skip(1)))
            .Where(pair => pair.Second.Sequence < pair.First.Sequence)
            .Select(pair => $"{pair.Second.Sequence} after {pair.First.Sequence} in {pair.First.Channel}"));
        found.ShouldBeEmpty(explain?.Invoke());

        void Note(string what, IEnumerable<string> which)
        {
            var all = which.ToArray();
            if (all.Length > 0) found.Add($"{all.Length} {what}: {string.Join(", ", all.Take(10))}");
        }
    }

    static bool IsWhole(WrittenRecord record, (string Channel, string Line) sent) =>
        record.Channel == sent.Channel && Encoding.UTF8.GetBytes(record.Message).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(sent.Line));
}
