using Microsoft.Win32.SafeHandles;

namespace LogPipeline.DurableFiles;

/// <summary>
/// Opens files that others may have put in the place of ours. Nothing is followed, waited for or changed before it is
/// known what was opened: a look at the name before would be about what was there then.
/// </summary>
static class RegularFile
{
    const UnixFileMode PrivateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    const UnixFileMode SharedMode = PrivateMode | UnixFileMode.GroupRead;

    // A name that comes and goes meanwhile is tried so often.
    const int Attempts = 10;

    /// <param name="isPrivate">It is made for its owner alone, and another user's, or one that every user may write,
    /// is refused.</param>
    /// <param name="isExclusive">No other process has it open so.</param>
    /// <exception cref="IOException">It is a link, or no file, or another process has it.</exception>
    /// <exception cref="UnauthorizedAccessException">It is not this user's, or may not be opened.</exception>
    public static FileStream Open(string path, StoreOpen how, bool isPrivate, bool isExclusive = false)
    {
        if (how == StoreOpen.New) return Create(path, isPrivate, isExclusive);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return OpenExisting(path, how != StoreOpen.Read, isPrivate, isExclusive);
            }
            catch (FileNotFoundException) when (how == StoreOpen.ExistingOrNew)
            {
                if (attempt == Attempts) throw;
            }
            try
            {
                return Create(path, isPrivate, isExclusive);
            }
            catch (IOException) when (attempt < Attempts && Path.Exists(path))
            {
                // Another process has made it just now.
            }
        }
    }

    /// <summary>Opens a file for reading past the locks of others; a link is followed if it may be.</summary>
    /// <exception cref="IOException">It is no file.</exception>
    public static SafeFileHandle OpenToRead(string path, bool followLinks)
    {
        if (!UnixCalls.CanOpen)
            return File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        var handle = UnixCalls.OpenAtOnce(path, forWriting: false, followLinks);
        try
        {
            RequireFile(handle, path);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    // A name that is there, be it a link's, is an error of the system here.
    static FileStream Create(string path, bool isPrivate, bool isExclusive)
    {
        var options = new FileStreamOptions
        {
            BufferSize = 0,
            Access = FileAccess.ReadWrite,
            Share = ShareOf(StoreOpen.New, isExclusive),
            Mode = FileMode.CreateNew,
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = isPrivate ? PrivateMode : SharedMode;
        return new FileStream(path, options);
    }

    static FileStream OpenExisting(string path, bool forWriting, bool isPrivate, bool isExclusive)
    {
        var access = forWriting ? FileAccess.ReadWrite : FileAccess.Read;
        if (!UnixCalls.CanOpen)
        {
            if (File.ResolveLinkTarget(path, returnFinalTarget: false) is not null) throw IsLink(path);
            return new FileStream(path, FileMode.Open, access,
                ShareOf(forWriting ? StoreOpen.Existing : StoreOpen.Read, isExclusive), bufferSize: 0);
        }
        var handle = UnixCalls.OpenAtOnce(path, forWriting, followLinks: false);
        try
        {
            var facts = RequireFile(handle, path);
            if (isPrivate) facts?.RequireOwn(path);
            UnixCalls.Lock(handle, path, isExclusive);
            return new FileStream(handle, access, bufferSize: 0);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    static FileShare ShareOf(StoreOpen how, bool isExclusive)
    {
        // On Unix a share of None is an exclusive lock; on Windows Read lets the refused one see who has it.
        if (isExclusive) return OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None;
        return how == StoreOpen.Read
            ? FileShare.ReadWrite | FileShare.Delete : FileShare.Read | FileShare.Delete;
    }

    static FileFacts? RequireFile(SafeFileHandle handle, string path)
    {
        if (FileFacts.Of(handle) is { } facts)
            return facts.Entry == StoreEntry.File ? facts : throw IsNoFile(path, facts.Kind);
        // Of what cannot be measured the system says so.
        try
        {
            RandomAccess.GetLength(handle);
            return null;
        }
        catch (NotSupportedException)
        {
            throw IsNoFile(path, "pipe, a socket or a device");
        }
    }

    public static IOException IsNoFile(string path, string kind) =>
        new($"{path} is no file but a {kind}; it is not opened. Remove it, or put a file in its place.");

    public static IOException IsLink(string path) =>
        new($"{path} is a symbolic link, or was replaced by one just now; links are not followed here. Put a file or "
            + $"directory in its place, or remove it.");
}
