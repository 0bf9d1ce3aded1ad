using LogPipeline.Worker.Channels;

namespace LogPipeline.Worker.Verify;

/// <summary>What was seen, of one log directory or of several that workers share.</summary>
sealed class VerifyBook
{
    /// <summary>Examples kept of each kind.</summary>
    const int ExamplesMax = 5;

    public SortedDictionary<(string Channel, string Source), ChannelReport> Channels { get; } = [];
    public Dictionary<(string Source, string Instance), SequenceSet> Seen { get; } = [];

    /// <summary>Numbers that are somewhere else, or may still come.</summary>
    public Dictionary<(string Source, string Instance), SequenceSet> Excused { get; } = [];

    /// <summary>Numbers from which an unknown count is somewhere else.</summary>
    public HashSet<(string Source, string Instance, long First)> OpenEnds { get; } = [];

    /// <summary>The first number that a ledger knows.</summary>
    public Dictionary<(string Source, string Instance), long> Known { get; } = [];

    /// <summary>Records in files of text, of which only receipts tell.</summary>
    public long TextRecords { get; set; }

    public List<FaultExample> Examples { get; } = [];

    public void Know(BatchId id) =>
        Known[(id.Source, id.Instance)] = Math.Min(id.FirstSequence, Known.GetValueOrDefault((id.Source, id.Instance), long.MaxValue));

    /// <returns>False: it was seen before.</returns>
    public bool See((string Source, string Instance) stream, long number) => Of(Seen, stream).Add(number);

    public void Excuse(BatchId id, long count) => Of(Excused, (id.Source, id.Instance)).AddRange(id.FirstSequence, count);

    /// <summary>A number is nowhere; found by its gap or by its sender's log, it is one loss.</summary>
    public void Lose((string Source, string Instance) stream, long number, string why)
    {
        if (!Of(Excused, stream).Add(number)) return;
        Row(null, stream.Source).Lost++;
        Example("lost", $"{stream.Source}/{stream.Instance}/{number}", why);
    }

    public ChannelReport Row(ChannelName? channel, string source)
    {
        var key = (channel?.ToString() ?? "", source);
        if (!Channels.TryGetValue(key, out var row)) Channels[key] = row = new ChannelReport { Channel = key.Item1, Source = source };
        return row;
    }

    public void Example(string kind, string where, string what)
    {
        if (Examples.Count(example => example.Kind == kind) < ExamplesMax) Examples.Add(new FaultExample(kind, where, what));
    }

    static SequenceSet Of(Dictionary<(string, string), SequenceSet> sets, (string Source, string Instance) stream)
    {
        if (!sets.TryGetValue(stream, out var set)) sets[stream] = set = new SequenceSet();
        return set;
    }
}
