using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LogPipeline.DurableFiles;

/// <summary>
/// Which file it is, whatever its name: the numbers of its disk and of the file on it. Null on systems other than
/// Linux.
/// </summary>
readonly record struct FileIdentity(ulong Disk, ulong Number)
{
    const uint WantsNumber = 0x100;

    // Where the file's number and the disk's two begin.
    const int NumberAt = 32;
    const int DiskMajorAt = 136;
    const int DiskMinorAt = 140;

    /// <summary>Null also when nothing is there.</summary>
    public static FileIdentity? Of(string path, bool followLinks = false)
    {
        Span<byte> answer = stackalloc byte[Statx.AnswerLength];
        return Statx.TryAsk(path, followLinks, WantsNumber, answer) ? From(answer) : null;
    }

    public static FileIdentity? Of(SafeFileHandle handle)
    {
        Span<byte> answer = stackalloc byte[Statx.AnswerLength];
        return Statx.TryAsk(handle, WantsNumber, answer) ? From(answer) : null;
    }

    static FileIdentity From(ReadOnlySpan<byte> answer)
    {
        var disk = (ulong)MemoryMarshal.Read<uint>(answer[DiskMajorAt..]) << 32
            | MemoryMarshal.Read<uint>(answer[DiskMinorAt..]);
        return new FileIdentity(disk, MemoryMarshal.Read<ulong>(answer[NumberAt..]));
    }
}
