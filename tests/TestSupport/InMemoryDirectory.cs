using LogPipeline.DurableFiles;

namespace LogPipeline.TestSupport;

/// <summary>A directory of an <see cref="InMemoryDisk"/>.</summary>
sealed class InMemoryDirectory(InMemoryDisk disk, MemoryDirectoryNode node, string path, int life) : StoreDirectory
{
    public override string Path => path;

    public override IReadOnlyList<string> List() =>
        Read(() => node.Entries.Where(e => e.Value is MemoryFileNode).Select(e => e.Key).ToList());

    public override IReadOnlyList<string> ListDirectories() =>
        Read(() => node.Entries.Where(e => e.Value is MemoryDirectoryNode).Select(e => e.Key).ToList());

    public override bool Exists(string name) => Read(() => Find(name) is not null);

    public override StoreEntry EntryOf(string name) =>
        Read(() => node.Entries.GetValueOrDefault(name) switch { null => StoreEntry.None, MemoryFileNode => StoreEntry.File, _ =>
            StoreEntry.Directory });

    public override bool Holds(StoreFile file) => Read(() => file is InMemoryFile known && known.Is(Find(file.Name)));

    // Directories are not removed here.
    public override void Create()
    {
    }

    public override void SetLastWritten(string name, DateTimeOffset time) =>
        Read(() =>
            (Find(name) ?? throw new FileNotFoundException($"Could not find file '{PathOf(name)}'.", PathOf(name))).LastWritten = time);

    public override DateTimeOffset LastWritten(string name) =>
        Read(() => Find(name)?.LastWritten ?? throw new FileNotFoundException($"Could not find file '{PathOf(name)}'.", PathOf(name)));

    public override long FreeBytes => disk.FreeBytes;

    public override StoreFile Open(string name, StoreOpen how)
    {
        RequireName(name);
        lock (disk.Gate)
        {
            disk.Opened++;
            disk.Require(life);
            var file = Find(name);
            if (file is null && how is StoreOpen.Read or StoreOpen.Existing && !node.Entries.ContainsKey(name))
                throw new FileNotFoundException($"Could not find file '{PathOf(name)}'.", PathOf(name));
            if (file is not null && how == StoreOpen.New) throw new IOException($"The file '{PathOf(name)}' already exists.", 17);
            if (file is null)
            {
                if (node.Entries.ContainsKey(name)) throw new UnauthorizedAccessException($"'{PathOf(name)}' is a directory.");
                disk.Change(life, StoreVerb.Create, PathOf(name), 0, _ =>
                    node.Entries[name] = file = new MemoryFileNode { LastWritten = disk.Now });
            }
            return new InMemoryFile(disk, file!, name, PathOf(name), life, isWriter: how != StoreOpen.Read);
        }
    }

    public override void Delete(string name)
    {
        RequireName(name);
        lock (disk.Gate)
        {
            disk.Require(life);
            if (Find(name) is not { } file) return;
            RequireClosed(file, name);
            disk.Change(life, StoreVerb.Delete, PathOf(name), 0, _ => node.Entries.Remove(name));
        }
    }

    public override void Replace(string name, string other)
    {
        RequireName(name);
        RequireName(other);
        lock (disk.Gate)
        {
            disk.Require(life);
            var file = Find(name) ?? throw new FileNotFoundException($"Could not find file '{PathOf(name)}'.", PathOf(name));
            RequireClosed(file, name);
            if (Find(other) is { } old) RequireClosed(old, other);
            disk.Change(life, StoreVerb.Replace, PathOf(other), 0, _ =>
            {
                node.Entries.Remove(name);
                node.Entries[other] = file;
            });
        }
        Sync();
    }

    public override void Sync()
    {
        lock (disk.Gate) disk.Change(life, StoreVerb.SyncDirectory, path, 0, _ => node.Sync());
    }

    public override StoreDirectory Directory(string name) => Directory(name, isSynced: true);

    public override StoreDirectory DirectoryUnsynced(string name) => Directory(name, isSynced: false);

    InMemoryDirectory Directory(string name, bool isSynced)
    {
        RequireName(name);
        lock (disk.Gate)
        {
            disk.Require(life);
            node.Entries.TryGetValue(name, out var found);
            if (found is MemoryFileNode) throw new IOException($"'{PathOf(name)}' is a file.", 17);
            if (found is null)
                disk.Change(life, StoreVerb.CreateDirectory, PathOf(name), 0, _ =>
                {
                    node.Entries[name] = found = new MemoryDirectoryNode();
                    if (isSynced) node.Sync();
                });
            return new InMemoryDirectory(disk, (MemoryDirectoryNode)found!, PathOf(name), life);
        }
    }

    public override bool IsOwned
    {
        get
        {
            lock (disk.Gate) return node.Owner is not null;
        }
    }

    public override StoreOwnership Own(string owner)
    {
        lock (disk.Gate)
        {
            disk.Require(life);
            if (node.Owner is { } holder) throw new DirectoryOwnedException(path, holder);
            node.Owner = owner;
        }
        return new Ownership(this);
    }

    sealed class Ownership(InMemoryDirectory directory) : StoreOwnership
    {
        InMemoryDirectory? _directory = directory;

        public override bool IsInPlace => _directory is not null;

        public override void Dispose() => Interlocked.Exchange(ref _directory, null)?.Disown();
    }

    void Disown()
    {
        // After a restart the place may be another owner's.
        lock (disk.Gate) if (disk.Life == life) node.Owner = null;
    }

    T Read<T>(Func<T> read)
    {
        lock (disk.Gate)
        {
            disk.Require(life);
            return read();
        }
    }

    MemoryFileNode? Find(string name) => node.Entries.GetValueOrDefault(name) as MemoryFileNode;

    string PathOf(string name) => $"{path}/{name}";

    void RequireClosed(MemoryFileNode file, string name)
    {
        if (file.OpenCount > 0) throw new IOException($"The file '{PathOf(name)}' is open; close it before it is removed or replaced.");
    }
}

/// <summary>An open file of an <see cref="InMemoryDisk"/>.</summary>
sealed class InMemoryFile : StoreFile
{
    readonly InMemoryDisk _disk;
    readonly MemoryFileNode _node;
    readonly string _path;
    readonly int _life;
    readonly bool _isWriter;
    bool _isDisposed;

    public InMemoryFile(InMemoryDisk disk, MemoryFileNode node, string name, string path, int life, bool isWriter)
    {
        if (isWriter && node.IsOpenForWriting) throw new IOException($"The file '{path}' is open for writing already.");
        (_disk, _node, Name, _path, _life, _isWriter) = (disk, node, name, path, life, isWriter);
        node.OpenCount++;
        node.IsOpenForWriting |= isWriter;
    }

    public override string Name { get; }

    public bool Is(MemoryFileNode? node) => ReferenceEquals(node, _node);

    public override long Length
    {
        get
        {
            lock (_disk.Gate)
            {
                Require();
                return _node.Content.Length;
            }
        }
    }

    public override int Read(Span<byte> buffer, long offset)
    {
        lock (_disk.Gate)
        {
            Require();
            var content = _node.Content.Span;
            if (offset >= content.Length) return 0;
            var part = content[(int)offset..];
            if (part.Length > buffer.Length) part = part[..buffer.Length];
            part.CopyTo(buffer);
            return part.Length;
        }
    }

    protected override void WriteCore(ReadOnlySpan<byte> bytes, long offset)
    {
        var copy = bytes.ToArray();
        lock (_disk.Gate)
        {
            Require(writing: true);
            _disk.Change(_life, StoreVerb.Write, _path, copy.Length, done =>
            {
                _node.Write(copy.AsSpan(0, done), offset);
                _node.LastWritten = _disk.Now;
            });
        }
    }

    protected override void SetLengthCore(long length)
    {
        lock (_disk.Gate)
        {
            Require(writing: true);
            _disk.Change(_life, StoreVerb.SetLength, _path, 0, _ => _node.SetLength(length));
        }
    }

    protected override void SyncCore()
    {
        lock (_disk.Gate)
        {
            Require(writing: true);
            _disk.Change(_life, StoreVerb.Sync, _path, 0, _ => _node.Sync(), _node.FailSync);
        }
    }

    public override void Dispose()
    {
        lock (_disk.Gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            if (_life != _disk.Life) return;
            _node.OpenCount--;
            if (_isWriter) _node.IsOpenForWriting = false;
        }
    }

    void Require(bool writing = false)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _disk.Require(_life);
        if (writing && !_isWriter) throw new UnauthorizedAccessException($"'{_path}' was opened for reading.");
    }
}
