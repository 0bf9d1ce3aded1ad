using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LogPipeline.DurableFiles;

/// <summary>
/// What kind of thing it is, whose, and who may write it. Null on systems other than Linux, and when nothing is there.
/// </summary>
/// <param name="Mode">The kind, and the permissions, as Unix has them in one number.</param>
/// <param name="Owner">The user's number.</param>
/// <param name="Names">How many names it has (hard links).</param>
readonly record struct FileFacts(int Mode, uint Owner, uint Names)
{
    const uint Wanted = 0x1 | 0x2 | 0x4 | 0x8;

    // Where each begins in the answer.
    const int NamesAt = 16;
    const int OwnerAt = 20;
    const int ModeAt = 28;

    const int KindMask = 0xF000;
    const int Pipe = 0x1000;
    const int DirectoryKind = 0x4000;
    const int RegularFile = 0x8000;
    const int Link = 0xA000;
    const int Socket = 0xC000;
    const int WritableByAll = 0x2;

    public static FileFacts? Of(string path, bool followLinks = false)
    {
        Span<byte> answer = stackalloc byte[Statx.AnswerLength];
        return Statx.TryAsk(path, followLinks, Wanted, answer) ? From(answer) : null;
    }

    public static FileFacts? Of(SafeFileHandle handle)
    {
        Span<byte> answer = stackalloc byte[Statx.AnswerLength];
        return Statx.TryAsk(handle, Wanted, answer) ? From(answer) : null;
    }

    public StoreEntry Entry => (Mode & KindMask) switch
    {
        RegularFile => StoreEntry.File,
        DirectoryKind => StoreEntry.Directory,
        Link => StoreEntry.Link,
        _ => StoreEntry.Other,
    };

    /// <summary>For messages.</summary>
    public string Kind => (Mode & KindMask) switch
    {
        RegularFile => "file",
        DirectoryKind => "directory",
        Link => "symbolic link",
        Pipe => "pipe",
        Socket => "socket",
        _ => "device",
    };

    /// <exception cref="UnauthorizedAccessException">It is another user's, or every user may write it.</exception>
    public void RequireOwn(string path)
    {
        if (Owner != UnixCalls.UserId)
            throw new UnauthorizedAccessException($"{path} belongs to another user (uid {Owner}; this process runs as "
                + $"uid {UnixCalls.UserId}).");
        if ((Mode & WritableByAll) == 0) return;
        var mode = Convert.ToString(Mode & 0xFFF, 8).PadLeft(4, '0');
        throw new UnauthorizedAccessException($"Every user may write {path} (mode {mode}), so that what it holds may "
            + $"be another's. See what it is, then take that right away ('chmod o-w') or remove it.");
    }

    static FileFacts From(ReadOnlySpan<byte> answer) => new(MemoryMarshal.Read<ushort>(answer[ModeAt..]),
        MemoryMarshal.Read<uint>(answer[OwnerAt..]), MemoryMarshal.Read<uint>(answer[NamesAt..]));
}
