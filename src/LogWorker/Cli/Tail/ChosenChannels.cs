using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;

namespace LogPipeline.Worker.Cli.Tail;

/// <summary>The channels that are looked at, in the directories of one or several workers.</summary>
/// <param name="named">Channels as applications name them, or as their directories are called; empty: all.</param>
sealed class ChosenChannels(IReadOnlyList<StoreDirectory> roots, IReadOnlyList<string> named)
{
    const int ShownMax = 10;

    readonly HashSet<string> _names = [.. named.Select(DirectoryOf)];

    /// <summary>Those that have a directory by now.</summary>
    public IEnumerable<(StoreDirectory Root, ChannelName Channel)> Find() =>
        roots.SelectMany(root => StoredLogFile.Channels(root).Select(channel => (root, channel)))
            .Where(found => _names.Count == 0 || _names.Contains(found.channel.ToString()));

    /// <returns>A sentence about the first channel that is named and is not there; null: all are.</returns>
    public string? WhyMissing(string path)
    {
        var there = Find().Select(found => found.Channel.ToString()).ToHashSet(StringComparer.Ordinal);
        if (named.FirstOrDefault(name => !there.Contains(DirectoryOf(name))) is not { } missing) return null;
        var all = roots.SelectMany(StoredLogFile.Channels).Select(channel => channel.ToString()).Distinct(StringComparer.Ordinal).ToList();
        var others = $"{string.Join(", ", all.Take(ShownMax))}{(all.Count > ShownMax ? ", ..." : "")}";
        return $"There is no channel '{missing}' in '{path}'; it has {(all.Count == 0 ? "none" : others)}.";
    }

    static string DirectoryOf(string name) =>
        ChannelName.TryParse(name, out var channel) ? channel.ToString() : ChannelName.Of(name).ToString();
}
