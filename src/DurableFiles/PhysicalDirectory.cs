using System.Runtime.Versioning;

namespace LogPipeline.DurableFiles;

/// <summary>
/// A directory of the operating system: directories are made with mode 0750, files with 0640 (less what the umask
/// takes), private ones with 0700 and 0600. The path that it is made of may lead through links; names in it that are
/// links, or no files and directories, are refused.
/// </summary>
public sealed class PhysicalDirectory : StoreDirectory
{
    const UnixFileMode PrivateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    const UnixFileMode SharedMode = PrivateMode | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    const int OwnAttempts = 5;
    static readonly TimeSpan OwnRetryDelay = TimeSpan.FromMilliseconds(20);

    readonly bool _isPrivate;

    /// <summary>Takes the directory, creating it (and its parents) when missing.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="isPrivate">What is made in it is for its owner alone, and what is in it and another user's, or
    /// may be written by every user, is refused. The directory itself may be another's: a volume that was mounted for
    /// this user.</param>
    public PhysicalDirectory(string path, bool isPrivate = false)
    {
        Path = System.IO.Path.GetFullPath(path);
        _isPrivate = isPrivate;
        Create();
    }

    PhysicalDirectory(PhysicalDirectory parent, string name, bool isSynced)
    {
        Path = parent.In(name);
        _isPrivate = parent._isPrivate;
        Create(isSynced);
    }

    public override string Path { get; }

    public override IReadOnlyList<string> List() => Names(System.IO.Directory.EnumerateFiles(Path));

    public override IReadOnlyList<string> ListDirectories() => Names(System.IO.Directory.EnumerateDirectories(Path));

    public override bool Exists(string name) => File.Exists(In(name));

    public override StoreEntry EntryOf(string name)
    {
        var path = In(name);
        if (FileFacts.Of(path) is { } facts) return facts.Entry;
        var attributes = new FileInfo(path).Attributes;
        if ((int)attributes == -1) return StoreEntry.None;
        if (attributes.HasFlag(FileAttributes.ReparsePoint)) return StoreEntry.Link;
        return attributes.HasFlag(FileAttributes.Directory) ? StoreEntry.Directory : StoreEntry.File;
    }

    public override bool Holds(StoreFile file) => Holds(file.Name, (file as PhysicalFile)?.Identity);

    public override ulong? Disk
    {
        get
        {
            for (var at = Path; at is not null; at = System.IO.Path.GetDirectoryName(at))
                if (FileIdentity.Of(at, followLinks: true) is { } identity) return identity.Disk;
            return null;
        }
    }

    public override void Create() => Create(isSynced: true);

    void Create(bool isSynced)
    {
        var missing = new List<string>();
        for (var at = Path; at is not null && !System.IO.Directory.Exists(at); at = System.IO.Path.GetDirectoryName(at))
            missing.Add(at);
        if (missing.Count == 0) return;
        if (OperatingSystem.IsWindows()) System.IO.Directory.CreateDirectory(Path);
        else System.IO.Directory.CreateDirectory(Path, _isPrivate ? PrivateMode : SharedMode);
        if (!isSynced) return;
        foreach (var made in missing) SyncPath(System.IO.Path.GetDirectoryName(made)!);
    }

    public override void SetLastWritten(string name, DateTimeOffset time) =>
        File.SetLastWriteTimeUtc(In(name), time.UtcDateTime);

    public override DateTimeOffset LastWritten(string name)
    {
        var file = new FileInfo(In(name));
        // Of a file that is not there the system's own answer would be the year 1601.
        return file.Exists ? new DateTimeOffset(file.LastWriteTimeUtc)
            : throw new FileNotFoundException($"Could not find file '{file.FullName}'.", file.FullName);
    }

    public override long FreeBytes => new DriveInfo(Path).AvailableFreeSpace;

    public override StoreFile Open(string name, StoreOpen how)
    {
        var path = In(name);
        return new PhysicalFile(RegularFile.Open(path, how, _isPrivate), path);
    }

    public override void Delete(string name) => File.Delete(In(name));

    public override void Replace(string name, string other)
    {
        File.Move(In(name), In(other), overwrite: true);
        Sync();
    }

    public override void Sync() => SyncPath(Path);

    public override StoreDirectory Directory(string name) => Directory(name, isSynced: true);

    public override StoreDirectory DirectoryUnsynced(string name) => Directory(name, isSynced: false);

    PhysicalDirectory Directory(string name, bool isSynced)
    {
        if (EntryOf(name) == StoreEntry.Link) throw RegularFile.IsLink(In(name));
        var directory = new PhysicalDirectory(this, name, isSynced);
        if (_isPrivate && !OperatingSystem.IsWindows()) directory.MakePrivate();
        return directory;
    }

    /// <exception cref="UnauthorizedAccessException">It is another user's, or every user may write in it.</exception>
    [UnsupportedOSPlatform("windows")]
    void MakePrivate()
    {
        FileFacts.Of(Path)?.RequireOwn(Path);
        // The group's right is taken away and no reason to refuse: a volume's mount may have given it (fsGroup).
        if (File.GetUnixFileMode(Path) != PrivateMode) File.SetUnixFileMode(Path, PrivateMode);
    }

    public override bool IsOwned
    {
        get
        {
            var path = In(OwnerFile);
            try
            {
                // On Unix opening shares the lock, which fails while another process has it exclusively; on Windows the
                // owner lets no other process write.
                using var file = OperatingSystem.IsWindows()
                    ? new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite)
                    : RegularFile.Open(path, StoreOpen.Read, _isPrivate);
                return false;
            }
            catch (FileNotFoundException)
            {
                return false;
            }
            catch (IOException)
            {
                return true;
            }
        }
    }

    public override StoreOwnership Own(string owner)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return OwnOnce(owner);
            }
            catch (DirectoryOwnedException) when (attempt < OwnAttempts)
            {
                // It may be a process that only checks (IsOwned).
                Thread.Sleep(OwnRetryDelay);
            }
        }
    }

    Ownership OwnOnce(string owner)
    {
        var path = In(OwnerFile);
        FileStream? file = null;
        try
        {
            file = RegularFile.Open(path, StoreOpen.ExistingOrNew, _isPrivate, isExclusive: true);
            // A file with other names is another one's too: it is locked, and left as it is.
            if (FileFacts.Of(file.SafeFileHandle) is not { Names: > 1 }) Tell(file, owner);
            return new Ownership(this, file);
        }
        catch (UnauthorizedAccessException)
        {
            throw;
        }
        catch (IOException) when (file is not null)
        {
            file.Dispose();
            throw;
        }
        catch (IOException e) when (EntryOf(OwnerFile) == StoreEntry.File)
        {
            throw new DirectoryOwnedException(Path, ReadOwner(path), e);
        }
    }

    static void Tell(FileStream file, string owner)
    {
        file.SetLength(0);
        file.Write(Encoding.UTF8.GetBytes(owner + "\n"));
        file.Flush();
    }

    sealed class Ownership(PhysicalDirectory directory, FileStream file) : StoreOwnership
    {
        public override bool IsInPlace => directory.Holds(OwnerFile, FileIdentity.Of(file.SafeFileHandle));

        public override void Dispose() => file.Dispose();
    }

    bool Holds(string name, FileIdentity? identity) =>
        identity is null ? EntryOf(name) == StoreEntry.File : FileIdentity.Of(In(name)) == identity;

    static string ReadOwner(string path)
    {
        try
        {
            using var handle = RegularFile.OpenToRead(path, followLinks: false);
            var buffer = new byte[512];
            return Encoding.UTF8.GetString(buffer, 0, RandomAccess.Read(handle, buffer, 0)).TrimEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    string In(string name)
    {
        RequireName(name);
        return System.IO.Path.Combine(Path, name);
    }

    static void SyncPath(string path)
    {
        // Windows has no sync of a directory; NTFS journals names by itself.
        if (OperatingSystem.IsWindows()) return;
        using var handle = UnixCalls.OpenDirectory(path);
        UnixCalls.Sync(handle, path);
    }

    static List<string> Names(IEnumerable<string> paths)
    {
        var names = paths.Select(path => System.IO.Path.GetFileName(path)!).ToList();
        names.Sort(StringComparer.Ordinal);
        return names;
    }
}
