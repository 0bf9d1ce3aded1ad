using LogPipeline.Worker.Channels;

namespace LogPipeline.Worker.Files;

/// <summary>
/// Removes the files that <see cref="RetentionPolicy"/> chooses. For the writer's loop alone, between groups.
/// </summary>
sealed class RetentionSweep(StoreDirectory root, RetentionOptions options, TimeProvider time, ChannelRules channels)
{
    /// <param name="close">Called for each file before it is removed.</param>
    /// <exception cref="IOException">The disk refuses; what was not removed will be tried again.</exception>
    public IReadOnlyList<(LogFileStat File, RetentionReason Reason)> Run(Action<LogFileName> close)
    {
        var chosen = RetentionPolicy.Choose(Files(), options, time.GetUtcNow(), channels);
        foreach (var (file, _) in chosen)
        {
            close(file.Name);
            var directory = root.Directory(file.Name.Channel.ToString());
            directory.Delete(file.Name.FileName);
            directory.Delete(file.Name.CompressedName);
        }
        return chosen;
    }

    List<LogFileStat> Files()
    {
        var files = new List<LogFileStat>();
        foreach (var channel in StoredLogFile.Channels(root))
        {
            var directory = root.Directory(channel.ToString());
            foreach (var file in StoredLogFile.Of(root, channel))
                if (TryGetFile(directory, file.Name,
                    file.IsPlain ? file.Name.FileName : file.Name.CompressedName) is { } kept) files.Add(kept);
        }
        return files;
    }

    // Null: it was removed meanwhile, or is a link.
    static LogFileStat? TryGetFile(StoreDirectory directory, LogFileName name, string fileName)
    {
        if (directory.EntryOf(fileName) != StoreEntry.File) return null;
        try
        {
            using var file = directory.Open(fileName, StoreOpen.Read);
            return new LogFileStat(name, file.Length, directory.LastWritten(fileName));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
