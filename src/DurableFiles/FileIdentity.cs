using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LogPipeline.DurableFiles;

/// <summary>
/// Which file it is, whatever its name: the numbers of its disk and of the file on it, by Linux's <c>statx</c>, whose
/// answer has the same form on every processor. Null on other systems, and where a C library lacks the call.
/// </summary>
readonly partial record struct FileIdentity(ulong Disk, ulong Number)
{
    const int CurrentDirectory = -100;
    const int NoFollow = 0x100;
    const int EmptyPath = 0x1000;
    const uint WantsOwner = 0x8;
    const uint WantsNumber = 0x100;

    // The form of the answer: where the file's number and the disk's two begin.
    const int AnswerLength = 256;
    const int OwnerAt = 20;
    const int NumberAt = 32;
    const int DiskMajorAt = 136;
    const int DiskMinorAt = 140;

    /// <summary>Null also when nothing is there.</summary>
    public static FileIdentity? Of(string path, bool followLinks = false) =>
        Ask(CurrentDirectory, path, followLinks ? 0 : NoFollow);

    /// <summary>The user that a file or directory belongs to; null: the system does not say.</summary>
    public static uint? OwnerOf(string path)
    {
        Span<byte> answer = stackalloc byte[AnswerLength];
        return TryAsk(CurrentDirectory, path, NoFollow, WantsOwner, answer)
            ? MemoryMarshal.Read<uint>(answer[OwnerAt..]) : null;
    }

    public static FileIdentity? Of(SafeFileHandle handle)
    {
        var isHeld = false;
        try
        {
            handle.DangerousAddRef(ref isHeld);
            return Ask((int)handle.DangerousGetHandle(), "", EmptyPath);
        }
        finally
        {
            if (isHeld) handle.DangerousRelease();
        }
    }

    static FileIdentity? Ask(int directory, string path, int flags)
    {
        Span<byte> answer = stackalloc byte[AnswerLength];
        if (!TryAsk(directory, path, flags, WantsNumber, answer)) return null;
        var disk = (ulong)MemoryMarshal.Read<uint>(answer[DiskMajorAt..]) << 32
            | MemoryMarshal.Read<uint>(answer[DiskMinorAt..]);
        return new FileIdentity(disk, MemoryMarshal.Read<ulong>(answer[NumberAt..]));
    }

    static bool TryAsk(int directory, string path, int flags, uint wanted, Span<byte> answer)
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            return Statx(directory, path, flags, wanted, ref MemoryMarshal.GetReference(answer)) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, ref byte answer);
}
