using LogPipeline.Worker.Channels;

namespace LogPipeline.Worker.Files;

/// <summary>
/// A log file as the disk has it: plain, compressed, or, where a worker was killed between the two, both. Then the
/// plain one counts.
/// </summary>
readonly record struct StoredLogFile(LogFileName Name, bool IsPlain)
{
    /// <summary>The channels that have a directory; a link is none.</summary>
    public static IEnumerable<ChannelName> Channels(StoreDirectory root)
    {
        foreach (var directory in root.ListDirectories())
            if (ChannelName.TryParse(directory, out var channel) && root.EntryOf(directory) == StoreEntry.Directory)
                yield return channel;
    }

    /// <summary>A channel's files in order; none when it has no directory.</summary>
    public static IReadOnlyList<StoredLogFile> Of(StoreDirectory root, ChannelName channel)
    {
        if (root.EntryOf(channel.ToString()) != StoreEntry.Directory) return [];
        var files = new SortedDictionary<LogFileName, StoredLogFile>();
        foreach (var file in root.Directory(channel.ToString()).List())
        {
            if (LogFileName.TryParse(channel, file, out var name)) files[name] = new StoredLogFile(name, IsPlain: true);
            else if (LogFileName.TryParseCompressed(channel, file, out name))
                files.TryAdd(name, new StoredLogFile(name, IsPlain: false));
        }
        return [.. files.Values];
    }

    /// <summary>All files of all channels, those of a channel in order.</summary>
    public static IEnumerable<LogFileStat> StatsOf(StoreDirectory root) => Channels(root).SelectMany(channel =>
        Of(root, channel).Select(file => file.StatIn(root.Directory(channel.ToString()))).OfType<LogFileStat>());

    // Null: it was removed meanwhile, or is a link.
    LogFileStat? StatIn(StoreDirectory directory)
    {
        var name = IsPlain ? Name.FileName : Name.CompressedName;
        if (directory.EntryOf(name) != StoreEntry.File) return null;
        try
        {
            using var file = directory.Open(name, StoreOpen.Read);
            return new LogFileStat(Name, file.Length, directory.LastWritten(name));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
