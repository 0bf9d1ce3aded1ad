using System.Text.RegularExpressions;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Cli.Tail;

/// <summary>Which records are shown; null: whichever.</summary>
/// <param name="Level">This level and above.</param>
/// <param name="Since">Records of this time or later; one that names no time is not left out by it.</param>
/// <param name="Grep">An expression that matches somewhere in <see cref="RecordText.Searched"/>.</param>
sealed record TailQuery(RecordLevel? Level, DateTimeOffset? Since, Regex? Grep)
{
    /// <summary>Whether it can be one, by what costs little to read.</summary>
    public bool Takes(RecordHead head) =>
        (Since is null || head.Time is null || head.Time >= Since) && (Level is null || head.Level >= Level);

    public bool Takes(TailedRecord record) => Grep is null || Grep.IsMatch(RecordText.Of(record).Searched);
}
