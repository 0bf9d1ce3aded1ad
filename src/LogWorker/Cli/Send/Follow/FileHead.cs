using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace LogPipeline.Worker.Cli.Send.Follow;

/// <summary>
/// What a file begins with. A file that was truncated and has grown again, or another one that has got its number,
/// begins otherwise; a copy begins the same.
/// </summary>
readonly record struct FileHead(int Length, string Hash)
{
    const int LengthMax = 1024;

    public static readonly FileHead None = new(0, "");

    public bool IsHeadOf(SafeFileHandle file)
    {
        Span<byte> bytes = stackalloc byte[LengthMax];
        return Length == 0 || Of(bytes[..Math.Min(Length, RandomAccess.Read(file, bytes, 0))]) == this;
    }

    /// <summary>
    /// The same head with bytes behind it that were read since; it stays as it is when the file begins otherwise now.
    /// </summary>
    /// <param name="through">How far the file was read.</param>
    public FileHead Grown(SafeFileHandle file, long through)
    {
        if (Length == LengthMax || through <= Length) return this;
        Span<byte> bytes = stackalloc byte[LengthMax];
        bytes = bytes[..(int)Math.Min(through, RandomAccess.Read(file, bytes, 0))];
        return bytes.Length > Length && (Length == 0 || Of(bytes[..Length]) == this) ? Of(bytes) : this;
    }

    static FileHead Of(ReadOnlySpan<byte> bytes) =>
        new(bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16)));
}
