namespace LogPipeline.DurableFiles;

/// <summary>
/// A directory whose files are meant to survive a crash. A name is durable after <see cref="Sync"/>, a file's content
/// after <see cref="StoreFile.Sync"/>; both are needed for a new file.
/// </summary>
public abstract class StoreDirectory
{
    /// <summary>Where it is, for messages.</summary>
    public abstract string Path { get; }

    /// <summary>Names of the files in it, in ordinal order.</summary>
    public abstract IReadOnlyList<string> List();

    /// <summary>Names of the directories in it, in ordinal order.</summary>
    public abstract IReadOnlyList<string> ListDirectories();

    public abstract bool Exists(string name);

    /// <summary>What stands under a name; a link is not followed.</summary>
    public abstract StoreEntry EntryOf(string name);

    /// <summary>
    /// Whether a file that was opened here still has its name: not when it was removed or replaced meanwhile, nor when
    /// the directory was. Where the system does not identify files (only Linux does here): whether the name is there.
    /// </summary>
    public abstract bool Holds(StoreFile file);

    /// <summary>
    /// Which disk the directory is on, or, when it is gone, would be made on; null: the system does not say.
    /// </summary>
    public virtual ulong? Disk => null;

    /// <summary>Makes the directory once more when it was removed.</summary>
    public abstract void Create();

    /// <summary>When a file's content was last changed.</summary>
    /// <exception cref="FileNotFoundException">There is none of this name.</exception>
    public abstract DateTimeOffset LastWritten(string name);

    /// <summary>Dates a file, such as a copy as its original.</summary>
    public abstract void SetLastWritten(string name, DateTimeOffset time);

    /// <summary>Bytes that this process may still write to the disk that the directory is on.</summary>
    public abstract long FreeBytes { get; }

    /// <summary>Opens a file; a new one is created readable by owner and group alone.</summary>
    /// <exception cref="FileNotFoundException"><see cref="StoreOpen.Read"/> or <see cref="StoreOpen.Existing"/> and
    /// there is none.</exception>
    /// <exception cref="IOException"><see cref="StoreOpen.New"/> and there is one, the name is a link's, or the system
    /// refuses.</exception>
    public abstract StoreFile Open(string name, StoreOpen how);

    /// <summary>
    /// A new file of this length, all zeros, whose room the disk has given: a full disk is an exception here, and not
    /// later when the zeros are written over.
    /// </summary>
    public StoreFile Allot(string name, int length)
    {
        // Written and not merely reserved: a reservation that the file system only pretends to make would fail when it
        // is too late.
        var file = Open(name, StoreOpen.New);
        try
        {
            var zeros = new byte[Math.Min(length, AllotChunk)];
            for (var at = 0; at < length; at += zeros.Length)
                file.Write(zeros.AsSpan(0, Math.Min(zeros.Length, length - at)), at);
            return file;
        }
        catch
        {
            file.Dispose();
            Delete(name);
            throw;
        }
    }

    const int AllotChunk = 64 * 1024;

    /// <summary>Removes a file. Returns without error when there is none.</summary>
    public abstract void Delete(string name);

    /// <summary>
    /// Gives <paramref name="name"/> the place of <paramref name="other"/> in one step and syncs the directory: after a
    /// crash the old or the new content is there, never a mixture. The content must have been synced before.
    /// </summary>
    public abstract void Replace(string name, string other);

    /// <summary>Makes created, removed and replaced names durable.</summary>
    public abstract void Sync();

    /// <summary>A directory in this one; a missing one is created, and its name made durable.</summary>
    /// <exception cref="IOException">The name is a link's or a file's, or the system refuses.</exception>
    public abstract StoreDirectory Directory(string name);

    /// <summary>As <see cref="Directory"/>, but the name of one that is made here is durable after <see cref="Sync"/>.</summary>
    /// <inheritdoc cref="Directory"/>
    public abstract StoreDirectory DirectoryUnsynced(string name);

    /// <summary>
    /// Claims the directory for one owner until the result is disposed or the process ends, whichever way it ends.
    /// <paramref name="owner"/> (such as pid and host) is named in the error of a process that is refused. Advisory,
    /// and not reliable over NFS.
    /// </summary>
    /// <exception cref="DirectoryOwnedException">Another process has it.</exception>
    public abstract StoreOwnership Own(string owner);

    /// <summary>Whether a process has claimed it, as <see cref="Own"/> would find.</summary>
    public abstract bool IsOwned { get; }

    /// <summary>The file that <see cref="Own"/> locks.</summary>
    public const string OwnerFile = "owner";

    /// <summary>A file name is one path segment; anything that would lead elsewhere is refused.</summary>
    /// <exception cref="ArgumentException">It is empty, "." or "..", or holds a separator or NUL.</exception>
    protected static void RequireName(string name)
    {
        if (name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\\', '\0'))
            throw new ArgumentException($"'{name}' is not the name of a file in a directory.", nameof(name));
    }
}
