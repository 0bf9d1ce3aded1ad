using LogPipeline.Workflows;

namespace LogPipeline.Worker.Verify;

/// <summary>What was seen, of one log directory or of several that workers share.</summary>
sealed class VerifyBook
{
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
}
