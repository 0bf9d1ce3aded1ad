using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Files;

/// <summary>
/// Says where a channel's next lines go. A file is continued only while it is the one that we wrote and its length the one that we
/// gave it: one that was cut, written to by somebody else, replaced or removed is left alone, and the next number is begun. A channel
/// whose directory is a link, or none, has its lines in "overflow". For the writer's loop alone.
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
    readonly HashSet<ChannelName> _obstructed = [];
    readonly Action<WriterEvent> _onEvent;

    /// <param name="root">The log directory.</param>
    /// <param name="files">Tells how long files are.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="ends">How far files reach by the ledger.</param>
    /// <param name="onEvent">Told of what somebody else did to the files.</param>
    public LogPlaces(StoreDirectory root, OpenLogFiles files, LogWriterOptions options, IReadOnlyDictionary<ChannelName, FileEnd> ends, Action<WriterEvent> onEvent)
    {
        (_root, _files, _options, _ends, _onEvent) = (root, files, options, ends, onEvent);
        _existing.UnionWith(StoredLogFile.Channels(root));
    }

    /// <summary>All that was placed has been written: from now on files are compared with it again.</summary>
    public void BeginGroup() => _placed.Clear();

    /// <summary>Gives lines their place; the next call gives the one behind it.</summary>
    public (LogFileName Name, long Offset) Place(string channel, int length, DateOnly today, LogFormat format)
    {
        var name = NameOf(channel);
        var end = EndOf(name);
        var isContinuable = _placed.Contains(name) || IsAsWeLeftIt(end);
        var newestOfToday = end.Name is { } newest && newest.Day == today ? newest.Number : NewestOf(name, today);
        var chosen = RollPolicy.Choose(name, end.Name, isContinuable ? end.Length : null, length, today, _options.FileBytesMax, newestOfToday, format);
        if (chosen != end.Name)
        {
            chosen = Free(chosen);
            // Those of earlier days may have gone as the retention says.
            if (!isContinuable && end is { Name: { } left, Length: > 0 } && left.Day >= today)
                _onEvent(new WriterEvent.ForeignHand(left, end.Length, _files.LengthOf(left), chosen));
            (end.Name, end.Length) = (chosen, 0);
        }
        _placed.Add(name);
        end.Length += length;
        return (end.Name!.Value, end.Length - length);
    }

    /// <summary>A place at the head of a file of its own, for lines whose file is not what it was.</summary>
    public (LogFileName Name, long Offset) PlaceAnew(ChannelName channel, int length, DateOnly today, LogFormat format)
    {
        channel = Usable(channel);
        var end = EndOf(channel);
        var next = end.Name is { } newest && newest.Day >= today ? newest.Next : new LogFileName(channel, today, NewestOf(channel, today) + 1);
        (end.Name, end.Length) = (Free(next with { Format = format }), length);
        return (end.Name.Value, 0);
    }

    bool IsAsWeLeftIt(ChannelEnd end) => end is { Name: { } name, Length: >= 0 } && _files.LengthOf(name) == end.Length;

    // Whatever has a new file's name already, a link say, keeps it.
    LogFileName Free(LogFileName name)
    {
        if (_root.EntryOf(name.Channel.ToString()) != StoreEntry.Directory) return name;
        var directory = _root.Directory(name.Channel.ToString());
        while (directory.EntryOf(name.FileName) != StoreEntry.None || directory.EntryOf(name.CompressedName) != StoreEntry.None) name = name.Next;
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
        return _placed.Contains(name) ? name : Usable(name);
    }

    ChannelName Usable(ChannelName name)
    {
        if (_root.EntryOf(name.ToString()) is StoreEntry.None or StoreEntry.Directory)
        {
            _obstructed.Remove(name);
            return name;
        }
        if (_obstructed.Add(name)) _onEvent(new WriterEvent.Obstructed(name));
        return ChannelName.Overflow;
    }

    ChannelEnd EndOf(ChannelName channel)
    {
        if (_channels.TryGetValue(channel, out var end)) return end;
        var files = StoredLogFile.Of(_root, channel);
        LogFileName? newest = files.Count == 0 ? null : files[^1].Name;
        // The ledger may know of a later one that was removed; its name is not used again.
        end = new ChannelEnd { Name = newest, Length = -1 };
        if (_ends.TryGetValue(channel, out var known) && (newest is null || known.Name.CompareTo(newest.Value) >= 0))
            (end.Name, end.Length) = (known.Name, known.Length);
        return _channels[channel] = end;
    }

    int NewestOf(ChannelName channel, DateOnly day) =>
        StoredLogFile.Of(_root, channel).Where(file => file.Name.Day == day).Select(file => file.Name.Number).DefaultIfEmpty(0).Max();

    /// <summary>A channel's newest file, and its length when all that was placed is written; -1: unknown.</summary>
    sealed class ChannelEnd
    {
        public LogFileName? Name { get; set; }
        public long Length { get; set; }
    }
}
