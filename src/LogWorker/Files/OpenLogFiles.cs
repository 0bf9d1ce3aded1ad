using LogPipeline.DurableFiles;

namespace LogPipeline.Worker.Files;

/// <summary>
/// The handles of log files, a bounded number of them, and which of them are not synced yet. For the writer's loop alone.
/// </summary>
sealed class OpenLogFiles(StoreDirectory root, int openFilesMax) : IDisposable
{
    readonly Dictionary<LogFileName, LinkedListNode<OpenFile>> _byName = [];

    // Least recently used first.
    readonly LinkedList<OpenFile> _byUse = [];
    readonly List<OpenFile> _unsynced = [];
    readonly HashSet<ChannelName> _channelsSynced = [];

    public int Count => _byUse.Count;

    /// <summary>The file's length, or null when it is not there (any more).</summary>
    public long? LengthOf(LogFileName name)
    {
        // Asked by name and not by handle: a handle does not notice that its file was removed.
        var directory = root.Directory(name.Channel.ToString());
        if (!directory.Exists(name.FileName)) return null;
        if (_byName.TryGetValue(name, out var known)) return known.Value.File.Length;
        using var file = directory.Open(name.FileName, StoreOpen.Read);
        return file.Length;
    }

    /// <summary>Puts lines at their place; a file that is not there is created.</summary>
    public void Write(LogFileName name, long offset, ReadOnlySpan<byte> lines)
    {
        var file = Open(name);
        if (!file.IsUnsynced)
        {
            file.IsUnsynced = true;
            _unsynced.Add(file);
        }
        file.File.Write(lines, offset);
    }

    /// <summary>Returns when everything written is on the disk, the names of new files included.</summary>
    public void Sync()
    {
        foreach (var file in _unsynced)
        {
            file.File.Sync();
            if (!file.IsNameSynced) SyncNames(file);
            file.IsUnsynced = false;
        }
        _unsynced.Clear();
        while (_byUse.Count > openFilesMax) Close(_byUse.First!);
    }

    /// <summary>Closes a file that is about to be removed. All that was written must be synced.</summary>
    public void Forget(LogFileName name)
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
        // A file that waits for its sync stays open: a new handle might not be told that the old one's sync failed.
        if (_byUse.Count >= openFilesMax && !_byUse.First!.Value.IsUnsynced) Close(_byUse.First!);
        var directory = root.Directory(name.Channel.ToString());
        var file = new OpenFile(name, directory, directory.Open(name.FileName, StoreOpen.ExistingOrNew));
        _byName[name] = _byUse.AddLast(file);
        return file;
    }

    // Also for a file that was there: an earlier life may have made it, and its directory, and failed before this.
    void SyncNames(OpenFile file)
    {
        file.Directory.Sync();
        if (_channelsSynced.Add(file.Name.Channel)) root.Sync();
        file.IsNameSynced = true;
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
