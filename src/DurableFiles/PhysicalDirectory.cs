using System.Runtime.Versioning;

namespace LogPipeline.DurableFiles;

/// <summary>
/// A directory of the operating system: directories are made with mode 0750, files with 0640 (less what the umask
/// takes), private ones with 0700 and 0600. The path that it is made of may lead through links; names in it that are
/// links are refused.
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
    /// <param name="isPrivate">What is made in it is for its owner alone, and a directory in it that is another user's
    /// is refused. The directory itself may be another's: a volume that was mounted for this user.</param>
    public PhysicalDirectory(string path, bool isPrivate = false)
    {
        Path = System.IO.Path.GetFullPath(path);
        _isPrivate = isPrivate;
        Create();
    }

    public override string Path { get; }

    public override IReadOnlyList<string> List() => Names(System.IO.Directory.EnumerateFiles(Path));

    public override IReadOnlyList<string> ListDirectories() => Names(System.IO.Directory.EnumerateDirectories(Path));

    public override bool Exists(string name) => File.Exists(In(name));

    public override StoreEntry EntryOf(string name)
    {
        var attributes = new FileInfo(In(name)).Attributes;
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

    public override void Create()
    {
        var missing = new List<string>();
        for (var at = Path; at is not null && !System.IO.Directory.Exists(at); at = System.IO.Path.GetDirectoryName(at))
            missing.Add(at);
        if (missing.Count == 0) return;
        if (OperatingSystem.IsWindows()) System.IO.Directory.CreateDirectory(Path);
        else System.IO.Directory.CreateDirectory(Path, _isPrivate ? PrivateMode : SharedMode);
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
        // Only creating a file that must be new follows no link. A file that was there is checked once it is open, when
        // no link can take its place any more.
        if (how == StoreOpen.ExistingOrNew) how = File.Exists(path) ? StoreOpen.Existing : StoreOpen.New;
        if (how == StoreOpen.New && EntryOf(name) == StoreEntry.Link) throw IsLink(path);
        var file = new PhysicalFile(path, how, ModeOfFiles);
        if (how == StoreOpen.New || (EntryOf(name) != StoreEntry.Link && (how == StoreOpen.Read || Holds(file))))
            return file;
        file.Dispose();
        throw IsLink(path);
    }

    public override void Delete(string name) => File.Delete(In(name));

    public override void Replace(string name, string other)
    {
        File.Move(In(name), In(other), overwrite: true);
        Sync();
    }

    public override void Sync() => SyncPath(Path);

    public override StoreDirectory Directory(string name)
    {
        if (EntryOf(name) == StoreEntry.Link) throw IsLink(In(name));
        var directory = new PhysicalDirectory(In(name), _isPrivate);
        if (_isPrivate && !OperatingSystem.IsWindows()) directory.MakePrivate();
        return directory;
    }

    /// <exception cref="UnauthorizedAccessException">It is another user's.</exception>
    [UnsupportedOSPlatform("windows")]
    void MakePrivate()
    {
        if (FileIdentity.OwnerOf(Path) is { } owner && owner != UnixCalls.UserId)
            throw new UnauthorizedAccessException($"{Path} belongs to another user (uid {owner}; this process runs as "
                + $"uid {UnixCalls.UserId}).");
        if (File.GetUnixFileMode(Path) != PrivateMode) File.SetUnixFileMode(Path, PrivateMode);
    }

    UnixFileMode ModeOfFiles => _isPrivate ? PhysicalFile.PrivateMode : PhysicalFile.SharedMode;

    public override bool IsOwned
    {
        get
        {
            var path = In(OwnerFile);
            try
            {
                // On Unix opening shares the lock, which fails while another process has it exclusively; on Windows the
                // owner lets no other process write.
                using var file = new FileStream(path, FileMode.Open,
                    OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite);
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
            // On Unix a share of None is an exclusive flock; on Windows Read lets the refused one see who has it.
            var options = new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None,
            };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = ModeOfFiles;
            file = new FileStream(path, options);
            file.SetLength(0);
            var text = Encoding.UTF8.GetBytes(owner + "\n");
            file.Write(text);
            file.Flush();
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
        catch (IOException e) when (File.Exists(path))
        {
            throw new DirectoryOwnedException(Path, ReadOwner(path), e);
        }
    }

    sealed class Ownership(PhysicalDirectory directory, FileStream file) : StoreOwnership
    {
        public override bool IsInPlace => directory.Holds(OwnerFile, FileIdentity.Of(file.SafeFileHandle));

        public override void Dispose() => file.Dispose();
    }

    bool Holds(string name, FileIdentity? identity) =>
        identity is null ? EntryOf(name) == StoreEntry.File : FileIdentity.Of(In(name)) == identity;

    static IOException IsLink(string path) =>
        new($"{path} is a symbolic link, or was replaced by one just now; links are not followed here. Put a file or "
            + $"directory in its place, or remove it.");

    static string ReadOwner(string path)
    {
        try
        {
            using var handle = OperatingSystem.IsWindows()
                ? File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete)
                : UnixCalls.OpenToRead(path);
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
        using var handle = UnixCalls.OpenToRead(path);
        UnixCalls.Sync(handle, path);
    }

    static List<string> Names(IEnumerable<string> paths)
    {
        var names = paths.Select(path => System.IO.Path.GetFileName(path)!).ToList();
        names.Sort(StringComparer.Ordinal);
        return names;
    }
}
