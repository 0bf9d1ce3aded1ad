using LogPipeline.DurableFiles;

namespace LogPipeline.Benchmarks.Spool;

/// <summary>A directory whose files are not mapped: each record is one write call, as on file systems that do not allow more.</summary>
/// <param name="inner">The directory itself.</param>
/// <param name="onWrite">Told how many bytes a call wrote; null: nobody is.</param>
/// <param name="onSync">Told that a file's content is synced.</param>
sealed class WrittenDirectory(StoreDirectory inner, Action<int>? onWrite = null, Action? onSync = null) : StoreDirectory
{
    public override string Path => inner.Path;
    public override long FreeBytes => inner.FreeBytes;
    public override DateTimeOffset LastWritten(string name) => inner.LastWritten(name);
    public override IReadOnlyList<string> List() => inner.List();
    public override IReadOnlyList<string> ListDirectories() => inner.ListDirectories();
    public override bool Exists(string name) => inner.Exists(name);
    public override StoreFile Open(string name, StoreOpen how) => new WrittenFile(inner.Open(name, how), onWrite, onSync);
    public override void Delete(string name) => inner.Delete(name);
    public override void Replace(string name, string other) => inner.Replace(name, other);
    public override void Sync() => inner.Sync();
    public override StoreDirectory Directory(string name) => new WrittenDirectory(inner.Directory(name), onWrite, onSync);
    public override StoreDirectory DirectoryUnsynced(string name) =>
        new WrittenDirectory(inner.DirectoryUnsynced(name), onWrite, onSync);
    public override StoreOwnership Own(string owner) => inner.Own(owner);
    public override bool IsOwned => inner.IsOwned;
    public override StoreEntry EntryOf(string name) => inner.EntryOf(name);
    public override bool Holds(StoreFile file) => inner.Holds(((WrittenFile)file).Inner);
    public override ulong? Disk => inner.Disk;
    public override void Create() => inner.Create();
    public override void SetLastWritten(string name, DateTimeOffset time) => inner.SetLastWritten(name, time);

    sealed class WrittenFile(StoreFile inner, Action<int>? onWrite, Action? onSync) : StoreFile
    {
        public StoreFile Inner => inner;
        public override string Name => inner.Name;
        public override long Length => inner.Length;
        public override int Read(Span<byte> buffer, long offset) => inner.Read(buffer, offset);
        public override void Dispose() => inner.Dispose();

        public override void BeginSync(long offset, long length) => inner.BeginSync(offset, length);

        protected override void WriteCore(ReadOnlySpan<byte> bytes, long offset)
        {
            inner.Write(bytes, offset);
            onWrite?.Invoke(bytes.Length);
        }

        protected override void SetLengthCore(long length) => inner.SetLength(length);

        protected override void SyncCore()
        {
            inner.Sync();
            onSync?.Invoke();
        }
    }
}
