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
    const int InterruptedError = 4;

    // SYNC_FILE_RANGE_WRITE: begins, waits for nothing, and leaves errors to the sync.
    const uint BeginWrite = 2;

    // O_CLOEXEC has another value on every system; without it a child started just now would inherit the handle.
    static readonly int CloseOnExec = CloseOnExecHere();

    /// <summary>Opens a file or directory for reading, past the locks that .NET's own open would try to take.</summary>
    public static SafeFileHandle OpenToRead(string path)
    {
        int descriptor;
        do descriptor = Open(path, ReadOnly | CloseOnExec);
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == InterruptedError);
        if (descriptor < 0) throw Failure("open", path);
        return new SafeFileHandle(descriptor, ownsHandle: true);
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

    static IOException Failure(string call, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{Marshal.GetPInvokeErrorMessage(error)} ({call}) : '{path}'", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle handle, long offset, long length, uint flags);
}
