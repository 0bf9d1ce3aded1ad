using LogPipeline.Worker.Channels;

namespace LogPipeline.Worker.Files;

/// <summary>
/// The handles of log files, a bounded number of them, and which of them are not synced yet. For the writer's loop
/// alone.
/// </summary>
sealed class OpenLogFiles(StoreDirectory root, int openFilesMax) : IDisposable
{
    /// <summary>With fewer files the call that begins their syncs costs more than it gains.</summary>
    const int TogetherMin = 8;

    readonly Dictionary<LogFileName, LinkedListNode<OpenFile>> _byName = [];

    // Least recently used first.
    readonly LinkedList<OpenFile> _byUse = [];
    readonly List<OpenFile> _unsynced = [];

    // Channels whose folders' names are on the disk.
    readonly HashSet<ChannelName> _channelsSynced = [];
    readonly Dictionary<ChannelName, LogFileName> _newest = [];
    readonly List<LogFileName> _superseded = [];

    public int Count => _byUse.Count;

    /// <summary>
    /// The file's length, or null when it is not there (any more), or another one has its name. All that was written
    /// must be synced.
    /// </summary>
    public long? LengthOf(LogFileName name)
    {
        _byName.TryGetValue(name, out var known);
        // Asked by name and not by handle: a handle does not notice that its file was removed, and keeps its disk
        // space.
        if (root.EntryOf(name.Channel.ToString()) == StoreEntry.Directory)
        {
            var directory = root.Directory(name.Channel.ToString());
            if (known is not null && directory.Holds(known.Value.File)) return known.Value.File.Length;
            if (known is null && directory.EntryOf(name.FileName) == StoreEntry.File)
            {
                using var file = directory.Open(name.FileName, StoreOpen.Read);
                return file.Length;
            }
        }
        if (known is not null) Close(known);
        return null;
    }

    /// <summary>Writes lines at an offset; a file that is not there is created.</summary>
    public void Write(LogFileName name, long offset, ReadOnlySpan<byte> lines)
    {
        var file = Open(name);
        if (!file.IsUnsynced)
        {
            file.IsUnsynced = true;
            _unsynced.Add(file);
        }
        file.File.Write(lines, offset);
        file.File.BeginSync(offset, lines.Length);
    }

    /// <summary>Returns when everything written is on the disk, the names of new files included.</summary>
    public void Sync()
    {
        if (_unsynced.Count >= TogetherMin)
            foreach (var file in _unsynced) file.File.BeginSync();
        foreach (var file in _unsynced) file.File.Sync();
        SyncNames();
        foreach (var file in _unsynced) file.IsUnsynced = false;
        _unsynced.Clear();
        // Nothing more is written to a channel's earlier file, and an open one would keep its disk space when it is
        // removed.
        foreach (var name in _superseded) Close(name);
        _superseded.Clear();
    }

    /// <summary>Closes a file that is about to be removed. All that was written must be synced.</summary>
    public void Close(LogFileName name)
    {
        if (_byName.TryGetValue(name, out var node)) Close(node);
    }

    public void Dispose()
    {
        foreach (var file in _byUse) file.File.Dispose();
        _byUse.Clear();
        _byName.Clear();
    }

    OpenFile Open(LogFileName name)
    {
        if (_byName.TryGetValue(name, out var node))
        {
            _byUse.Remove(node);
            _byUse.AddLast(node);
            return node.Value;
        }
        if (_byUse.Count >= openFilesMax)
        {
            // Synced before it is closed: a new handle might not get the error of the old one's sync.
            if (_byUse.First!.Value.IsUnsynced) Sync();
            if (_byUse.Count >= openFilesMax) Close(_byUse.First!);
        }
        var folder = name.Channel.ToString();
        if (root.EntryOf(folder) == StoreEntry.None) _channelsSynced.Remove(name.Channel);
        var directory = root.DirectoryUnsynced(folder);
        var file = new OpenFile(name, directory, directory.Open(name.FileName, StoreOpen.ExistingOrNew));
        _byName[name] = _byUse.AddLast(file);
        if (_newest.TryGetValue(name.Channel, out var earlier) && earlier != name) _superseded.Add(earlier);
        _newest[name.Channel] = name;
        return file;
    }

    // Also for a file that was there: an earlier life may have made it, and its directory, and failed before this. A
    // batch may name 1,000 new channels: the names of their folders have one sync.
    void SyncNames()
    {
        var hasNewFolder = false;
        foreach (var file in _unsynced)
        {
            if (file.IsNameSynced) continue;
            file.Directory.Sync();
            hasNewFolder |= !_channelsSynced.Contains(file.Name.Channel);
        }
        if (hasNewFolder) root.Sync();
        foreach (var file in _unsynced)
        {
            file.IsNameSynced = true;
            _channelsSynced.Add(file.Name.Channel);
        }
    }

    void Close(LinkedListNode<OpenFile> node)
    {
        _byUse.Remove(node);
        _byName.Remove(node.Value.Name);
        node.Value.File.Dispose();
    }

    sealed class OpenFile(LogFileName name, StoreDirectory directory, StoreFile file)
    {
        public LogFileName Name => name;
        public StoreDirectory Directory => directory;
        public StoreFile File => file;
        public bool IsNameSynced { get; set; }
        public bool IsUnsynced { get; set; }
    }
}
