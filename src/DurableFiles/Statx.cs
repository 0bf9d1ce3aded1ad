using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LogPipeline.DurableFiles;

/// <summary>Linux's <c>statx</c>, whose answer has the same form on every processor.</summary>
static partial class Statx
{
    /// <summary>Bytes of an answer.</summary>
    public const int AnswerLength = 256;

    const int CurrentDirectory = -100;
    const int NoFollow = 0x100;
    const int EmptyPath = 0x1000;

    /// <summary>False: nothing is there, this is another system, or the C library lacks the call.</summary>
    public static bool TryAsk(string path, bool followLinks, uint wanted, Span<byte> answer) =>
        TryAsk(CurrentDirectory, path, followLinks ? 0 : NoFollow, wanted, answer);

    /// <inheritdoc cref="TryAsk(string, bool, uint, Span{byte})"/>
    public static bool TryAsk(SafeFileHandle handle, uint wanted, Span<byte> answer)
    {
        var isHeld = false;
        try
        {
            handle.DangerousAddRef(ref isHeld);
            return TryAsk((int)handle.DangerousGetHandle(), "", EmptyPath, wanted, answer);
        }
        finally
        {
            if (isHeld) handle.DangerousRelease();
        }
    }

    static bool TryAsk(int directory, string path, int flags, uint wanted, Span<byte> answer)
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            return Ask(directory, path, flags, wanted, ref MemoryMarshal.GetReference(answer)) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Ask(int directory, string path, int flags, uint mask, ref byte answer);
}
