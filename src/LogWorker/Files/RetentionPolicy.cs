using LogPipeline.Worker.Channels;

namespace LogPipeline.Worker.Files;

/// <summary>A log file's size and age, which its retention depends on.</summary>
readonly record struct LogFileStat(LogFileName Name, long Bytes, DateTimeOffset LastWritten);

enum RetentionReason { Age, Count, Bytes }

/// <summary>
/// Chooses the files to remove. One that may still be written to stays: a channel's newest file of this day or a later
/// one.
/// </summary>
static class RetentionPolicy
{
    /// <param name="files">All there are.</param>
    /// <param name="options">What holds for channels without a rule of their own, and for all together.</param>
    /// <param name="now">By the worker's clock.</param>
    /// <param name="rules">Of single channels; null: there are none.</param>
    /// <returns>Oldest first.</returns>
    public static IReadOnlyList<(LogFileStat File, RetentionReason Reason)> Choose(
        IReadOnlyCollection<LogFileStat> files, RetentionOptions options, DateTimeOffset now, ChannelRules? rules = null)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var gone = new List<(LogFileStat File, RetentionReason Reason)>();
        var stay = new List<LogFileStat>();
        foreach (var channel in files.GroupBy(file => file.Name.Channel))
        {
            var rank = 0;
            var (ageMax, filesMax) = rules?.Names(channel.Key) == true && rules.Of(channel.Key) is var rule
                ? (rule.RetentionAge, rule.RetentionFiles) : (options.AgeMax, options.FilesMax);
            foreach (var file in channel.OrderByDescending(file => file.Name))
            {
                rank++;
                if (!MayGo(file, isNewest: rank == 1)) continue;
                if (now - file.LastWritten > ageMax) gone.Add((file, RetentionReason.Age));
                else if (rank > filesMax) gone.Add((file, RetentionReason.Count));
                else stay.Add(file);
            }
        }
        var bytes = files.Sum(file => file.Bytes) - gone.Sum(one => one.File.Bytes);
        foreach (var file in stay.OrderBy(file => file.LastWritten).ThenBy(file => file.Name))
        {
            if (options.BytesMax is not { } max || bytes <= max) break;
            bytes -= file.Bytes;
            gone.Add((file, RetentionReason.Bytes));
        }
        gone.Sort((a, b) => a.File.LastWritten.CompareTo(b.File.LastWritten));
        return gone;

        bool MayGo(LogFileStat file, bool isNewest) =>
            now - file.LastWritten >= options.AgeMin && !(isNewest && file.Name.Day >= today);
    }
}
