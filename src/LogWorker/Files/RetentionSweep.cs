using LogPipeline.DurableFiles;
using LogPipeline.Worker.Routing;

namespace LogPipeline.Worker.Files;

/// <summary>Removes the files that <see cref="RetentionPolicy"/> chooses, once a minute. For the writer's loop alone, between groups.</summary>
sealed class RetentionSweep(StoreDirectory root, RetentionOptions options, TimeProvider time, ChannelRules channels)
{
    static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    long? _last;

    /// <summary>Until the next one; <see cref="Timeout.InfiniteTimeSpan"/>: there is none.</summary>
    public TimeSpan DueIn
    {
        get
        {
            if (!options.IsOn && !channels.HaveRetention) return Timeout.InfiniteTimeSpan;
            if (_last is not { } last) return TimeSpan.Zero;
            var left = Interval - time.GetElapsedTime(last);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <param name="close">Called for each file before it is removed.</param>
    /// <exception cref="IOException">The disk refuses; what was not removed will be tried again.</exception>
    public IReadOnlyList<(KeptFile File, RetentionReason Reason)> Run(Action<LogFileName> close)
    {
        _last = time.GetTimestamp();
        var chosen = RetentionPolicy.Choose(Files(), options, time.GetUtcNow(), channels);
        foreach (var (file, _) in chosen)
        {
            close(file.Name);
            root.Directory(file.Name.Channel.ToString()).Delete(file.Name.FileName);
        }
        return chosen;
    }

    List<KeptFile> Files()
    {
        var files = new List<KeptFile>();
        foreach (var name in root.ListDirectories())
        {
            if (!ChannelName.TryParse(name, out var channel)) continue;
            var directory = root.Directory(name);
            foreach (var fileName in directory.List())
                if (LogFileName.TryParse(channel, fileName, out var file) && Look(directory, file) is { } kept) files.Add(kept);
        }
        return files;
    }

    // Null: somebody removed it meanwhile.
    static KeptFile? Look(StoreDirectory directory, LogFileName name)
    {
        try
        {
            using var file = directory.Open(name.FileName, StoreOpen.Read);
            return new KeptFile(name, file.Length, directory.LastWritten(name.FileName));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
