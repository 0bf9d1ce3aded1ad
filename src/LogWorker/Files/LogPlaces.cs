using LogPipeline.DurableFiles;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Files;

/// <summary>
/// Says where a channel's next lines go. A file is continued only while its length is the one that we gave it: one that was
/// cut, written to by somebody else or removed is left alone, and the next number is begun. For the writer's loop alone.
/// </summary>
sealed class LogPlaces
{
    readonly StoreDirectory _root;
    readonly OpenLogFiles _files;
    readonly LogWriterOptions _options;
    readonly IReadOnlyDictionary<ChannelName, FileEnd> _ends;
    readonly HashSet<ChannelName> _existing = [];
    readonly Dictionary<ChannelName, ChannelEnd> _channels = [];
    readonly HashSet<ChannelName> _placed = [];

    /// <param name="root">The log directory.</param>
    /// <param name="files">Tells how long files are.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="ends">How far files reach by the ledger.</param>
    public LogPlaces(StoreDirectory root, OpenLogFiles files, LogWriterOptions options, IReadOnlyDictionary<ChannelName, FileEnd> ends)
    {
        (_root, _files, _options, _ends) = (root, files, options, ends);
        foreach (var directory in root.ListDirectories())
            if (ChannelName.TryParse(directory, out var name)) _existing.Add(name);
    }

    /// <summary>All that was placed has been written: from now on files are compared with it again.</summary>
    public void BeginGroup() => _placed.Clear();

    /// <summary>Gives lines their place; the next call gives the one behind it.</summary>
    public (LogFileName Name, long Offset) Place(string channel, int length, DateOnly today, LogFormat format)
    {
        var name = NameOf(channel);
        var end = EndOf(name);
        long? continuable = end.Length;
        if (end.Name is { } current && _placed.Add(name) && _files.LengthOf(current) != end.Length) continuable = null;
        var newestOfToday = end.Name is { } newest && newest.Day == today ? newest.Number : NewestOf(name, today);
        var chosen = RollPolicy.Choose(name, end.Name, continuable, length, today, _options.FileBytesMax, newestOfToday, format);
        if (chosen != end.Name) (end.Name, end.Length) = (chosen, 0);
        _placed.Add(name);
        end.Length += length;
        return (chosen, end.Length - length);
    }

    /// <summary>A place at the head of a file of its own, for lines whose file is not what it was.</summary>
    public (LogFileName Name, long Offset) PlaceAnew(ChannelName channel, int length, DateOnly today, LogFormat format)
    {
        var end = EndOf(channel);
        var next = (end.Name is { } newest && newest.Day >= today ? newest.Next : new LogFileName(channel, today, NewestOf(channel, today) + 1)) with { Format = format };
        (end.Name, end.Length) = (next, length);
        return (next, 0);
    }

    ChannelName NameOf(string channel)
    {
        var name = ChannelName.Of(channel);
        if (_existing.Contains(name)) return name;
        if (_existing.Count >= _options.ChannelsMax && !_options.Channels.Names(name)) name = ChannelName.Overflow;
        _existing.Add(name);
        return name;
    }

    ChannelEnd EndOf(ChannelName channel)
    {
        if (_channels.TryGetValue(channel, out var end)) return end;
        LogFileName? newest = null;
        foreach (var file in FilesOf(channel))
            if (newest is null || file.CompareTo(newest.Value) > 0) newest = file;
        // The ledger may know of a later one that was removed; its name is not used again.
        end = new ChannelEnd { Name = newest, Length = -1 };
        if (_ends.TryGetValue(channel, out var known) && (newest is null || known.Name.CompareTo(newest.Value) >= 0))
            (end.Name, end.Length) = (known.Name, known.Length);
        return _channels[channel] = end;
    }

    int NewestOf(ChannelName channel, DateOnly day) => FilesOf(channel).Where(file => file.Day == day).Select(file => file.Number).DefaultIfEmpty(0).Max();

    IEnumerable<LogFileName> FilesOf(ChannelName channel)
    {
        if (!_existing.Contains(channel) || !_root.ListDirectories().Contains(channel.ToString())) yield break;
        foreach (var file in _root.Directory(channel.ToString()).List())
            if (LogFileName.TryParse(channel, file, out var name)) yield return name;
    }

    /// <summary>A channel's newest file, and its length when all that was placed is written; -1: unknown.</summary>
    sealed class ChannelEnd
    {
        public LogFileName? Name { get; set; }
        public long Length { get; set; }
    }
}
