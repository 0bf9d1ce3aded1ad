using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LogPipeline.DurableFiles;

/// <summary>
/// The system calls that .NET does not offer: sync of a directory, and a sync of a file whose every error is seen
/// (<see cref="RandomAccess.FlushToDisk"/> swallows EINVAL, EROFS and ENOTSUP).
/// </summary>
static partial class UnixCalls
{
    const int ReadOnly = 0;
    const int ReadWrite = 2;

    const int NotPermitted = 1;
    const int NothingThere = 2;
    const int InterruptedError = 4;
    const int NoSuchDevice = 6;
    const int AccessDenied = 13;
    const int NoDirectory = 20;
    const int IsADirectory = 21;

    const int Shared = 1;
    const int Exclusive = 2;
    const int AtOnce = 4;

    // SYNC_FILE_RANGE_WRITE: begins, waits for nothing, and leaves errors to the sync.
    const uint BeginWrite = 2;

    // O_CLOEXEC has another value on every system; without it a child started just now would inherit the handle.
    static readonly int CloseOnExec = CloseOnExecHere();

    // O_NONBLOCK, O_NOFOLLOW, and what they are answered with: ELOOP, EWOULDBLOCK.
    static readonly int DoNotWait = OperatingSystem.IsMacOS() ? 0x4 : 0x800;
    static readonly int FollowNoLink = FollowNoLinkHere();
    static readonly int IsALink = OperatingSystem.IsMacOS() ? 62 : 40;
    static readonly int WouldWait = OperatingSystem.IsMacOS() ? 35 : 11;

    /// <summary>The system's own open and lock are known here.</summary>
    public static bool CanOpen => OperatingSystem.IsLinux() || OperatingSystem.IsMacOS();

    /// <summary>Opens a directory for a sync.</summary>
    public static SafeFileHandle OpenDirectory(string path) =>
        TryOpen(path, ReadOnly | CloseOnExec) ?? throw Failure("open", path);

    /// <summary>
    /// Opens what is there without waiting for anybody at its other end, and without taking a lock.
    /// </summary>
    /// <exception cref="FileNotFoundException">Nothing is there.</exception>
    /// <exception cref="DirectoryNotFoundException">Nor is the directory.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not.</exception>
    /// <exception cref="IOException">It is a link, or the system refuses.</exception>
    public static SafeFileHandle OpenAtOnce(string path, bool forWriting, bool followLinks)
    {
        var flags = (forWriting ? ReadWrite : ReadOnly) | CloseOnExec | DoNotWait | (followLinks ? 0 : FollowNoLink);
        if (TryOpen(path, flags) is { } handle) return handle;
        var error = Marshal.GetLastPInvokeError();
        if (error is NothingThere or NoDirectory)
        {
            if (Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
                throw new FileNotFoundException($"Could not find file '{path}'.", path);
            throw new DirectoryNotFoundException($"Could not find a part of the path '{path}'.");
        }
        if (error is NotPermitted or AccessDenied)
            throw new UnauthorizedAccessException($"Access to the path '{path}' is denied.");
        if (!followLinks && error == IsALink) throw RegularFile.IsLink(path);
        if (error is NoSuchDevice or IsADirectory)
            throw RegularFile.IsNoFile(path, FileFacts.Of(path)?.Kind ?? "socket or a directory");
        throw Failure("open", path);
    }

    /// <summary>As .NET locks a file: one that has it for itself keeps all others away.</summary>
    /// <exception cref="IOException">Another process has it.</exception>
    public static void Lock(SafeFileHandle handle, string path, bool isExclusive)
    {
        int result;
        do result = FLock(handle, (isExclusive ? Exclusive : Shared) | AtOnce);
        while (result < 0 && Marshal.GetLastPInvokeError() == InterruptedError);
        // File systems without locks give another error, and no lock.
        if (result < 0 && Marshal.GetLastPInvokeError() == WouldWait)
            throw new IOException($"The process cannot access the file '{path}' because it is being used by another "
                + $"process.", WouldWait);
    }

    static SafeFileHandle? TryOpen(string path, int flags)
    {
        int descriptor;
        do descriptor = Open(path, flags);
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == InterruptedError);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>
    /// Paths that this thread has synced, for tests: only a power cut shows otherwise whether a directory was.
    /// </summary>
    [ThreadStatic] internal static ICollection<string>? Synced;

    public static void Sync(SafeFileHandle handle, string path)
    {
        int result;
        do result = FSync(handle);
        while (result < 0 && Marshal.GetLastPInvokeError() == InterruptedError);
        if (result < 0) throw Failure("fsync", path);
        Synced?.Add(path);
    }

    /// <summary>
    /// Content and length, without the times, which are not needed after a crash (on Linux): on a journalling file
    /// system that is one write less each time.
    /// </summary>
    public static void SyncData(SafeFileHandle handle, string path)
    {
        int result;
        do result = FDataSync(handle);
        while (result < 0 && Marshal.GetLastPInvokeError() == InterruptedError);
        if (result < 0) throw Failure("fdatasync", path);
    }

    /// <summary>
    /// Has the system begin to write pages that a later sync would wait for. Linux only; errors are ignored.
    /// </summary>
    public static void BeginWriteback(SafeFileHandle handle, long offset, long length) =>
        SyncFileRange(handle, offset, length, BeginWrite);

    /// <summary>The user that this process acts as.</summary>
    public static uint UserId => EffectiveUser();

    static int CloseOnExecHere()
    {
        if (OperatingSystem.IsLinux()) return 0x80000;
        return OperatingSystem.IsMacOS() ? 0x1000000 : 0;
    }

    static int FollowNoLinkHere()
    {
        if (OperatingSystem.IsMacOS()) return 0x100;
        // Linux has it elsewhere on ARM and POWER.
        return RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm or Architecture.Armv6
            or Architecture.Ppc64le ? 0x8000 : 0x20000;
    }

    static IOException Failure(string call, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{Marshal.GetPInvokeErrorMessage(error)} ({call}) : '{path}'", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FLock(SafeFileHandle handle, int operation);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle handle, long offset, long length, uint flags);
}
