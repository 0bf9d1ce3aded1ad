using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Files;

/// <summary>
/// Allocates ranges of log files to a channel's next lines. A file is continued only while it is the one that was
/// written here and has the length that it was given: one that was cut, written to by another program, replaced or
/// removed is left alone, and the next number is begun. A channel whose directory is a link or a file has its lines in
/// "overflow". For the writer's loop alone.
/// </summary>
sealed class FileAllocator
{
    readonly StoreDirectory _root;
    readonly OpenLogFiles _files;
    readonly LogWriterOptions _options;
    readonly IReadOnlyDictionary<ChannelName, FileEnd> _ledgerEnds;
    readonly IWriterObserver? _observer;
    readonly HashSet<ChannelName> _existing = [];

    // Each channel's newest file, with the length it has when all that was allocated is written; null: it has none.
    readonly Dictionary<ChannelName, FileEnd?> _ends = [];

    // Channels that got a range since the group began: their files are shorter than their ends say.
    readonly HashSet<ChannelName> _allocated = [];
    readonly HashSet<ChannelName> _obstructed = [];

    /// <param name="root">The log directory.</param>
    /// <param name="files">Has the files' lengths.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="ledgerEnds">How far files reach by the ledger.</param>
    /// <param name="observer">Receives what other programs did to the files.</param>
    public FileAllocator(StoreDirectory root, OpenLogFiles files, LogWriterOptions options,
        IReadOnlyDictionary<ChannelName, FileEnd> ledgerEnds, IWriterObserver? observer)
    {
        (_root, _files, _options, _ledgerEnds, _observer) = (root, files, options, ledgerEnds, observer);
        _existing.UnionWith(StoredLogFile.Channels(root));
    }

    /// <summary>All that was allocated has been written: from now on files are compared with it again.</summary>
    public void BeginGroup() => _allocated.Clear();

    /// <summary>Allocates a range behind all that the channel has.</summary>
    public (LogFileName Name, long Offset) Allocate(string channel, int length, DateOnly today, LogFormat format)
    {
        var name = NameOf(channel);
        var end = EndOf(name);
        var continuable = _allocated.Contains(name) || IsUnchanged(end) ? end?.Length : null;
        var newestOfToday = end is { Name: var newest } && newest.Day == today ? newest.Number : NewestOf(name, today);
        var chosen = RollPolicy.Choose(name, end?.Name, continuable, length, today, _options.FileBytesMax,
            newestOfToday, format);
        var offset = continuable ?? 0;
        if (chosen != end?.Name)
        {
            (chosen, offset) = (Free(chosen), 0);
            // The retention may have removed those of earlier days.
            if (continuable is null && end is { Length: > 0 and var left } changed && changed.Name.Day >= today)
                _observer?.OnFileChanged(changed.Name, left, _files.LengthOf(changed.Name), chosen);
        }
        _allocated.Add(name);
        _ends[name] = new FileEnd(chosen, offset + length);
        return (chosen, offset);
    }

    /// <summary>Allocates the head of a new file, for lines whose file is not what it was.</summary>
    public (LogFileName Name, long Offset) AllocateNew(ChannelName channel, int length, DateOnly today,
        LogFormat format)
    {
        channel = Usable(channel);
        var next = EndOf(channel) is { Name: var newest } && newest.Day >= today
            ? newest.Next : new LogFileName(channel, today, NewestOf(channel, today) + 1);
        next = Free(next with { Format = format });
        _ends[channel] = new FileEnd(next, length);
        return (next, 0);
    }

    bool IsUnchanged(FileEnd? end) => end is { Length: { } length } known && _files.LengthOf(known.Name) == length;

    // What has a new file's name already, such as a link, stays.
    LogFileName Free(LogFileName name)
    {
        if (_root.EntryOf(name.Channel.ToString()) != StoreEntry.Directory) return name;
        var directory = _root.Directory(name.Channel.ToString());
        while (directory.EntryOf(name.FileName) != StoreEntry.None
            || directory.EntryOf(name.CompressedName) != StoreEntry.None) name = name.Next;
        return name;
    }

    ChannelName NameOf(string channel)
    {
        var name = ChannelName.Of(channel);
        if (!_existing.Contains(name))
        {
            if (_existing.Count >= _options.ChannelsMax && !_options.Channels.Names(name)) name = ChannelName.Overflow;
            _existing.Add(name);
        }
        return _allocated.Contains(name) ? name : Usable(name);
    }

    ChannelName Usable(ChannelName name)
    {
        if (_root.EntryOf(name.ToString()) is StoreEntry.None or StoreEntry.Directory)
        {
            _obstructed.Remove(name);
            return name;
        }
        if (_obstructed.Add(name)) _observer?.OnObstructed(name);
        return ChannelName.Overflow;
    }

    FileEnd? EndOf(ChannelName channel) =>
        _ends.TryGetValue(channel, out var end) ? end : _ends[channel] = FirstEndOf(channel);

    FileEnd? FirstEndOf(ChannelName channel)
    {
        var files = StoredLogFile.Of(_root, channel);
        LogFileName? newest = files.Count == 0 ? null : files[^1].Name;
        // The ledger may know of a later one that was removed; its name is not used again.
        if (_ledgerEnds.TryGetValue(channel, out var known)
            && (newest is not { } latest || known.Name.CompareTo(latest) >= 0)) return known;
        return newest is { } unknown ? new FileEnd(unknown, null) : null;
    }

    int NewestOf(ChannelName channel, DateOnly day) =>
        StoredLogFile.Of(_root, channel).Where(file => file.Name.Day == day).Select(file => file.Name.Number)
            .DefaultIfEmpty(0).Max();
}

/// <summary>A file and the length that it was given; null: another wrote it.</summary>
readonly record struct FileEnd(LogFileName Name, long? Length);
