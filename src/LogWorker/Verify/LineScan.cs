using LogPipeline.Worker.Files;

namespace LogPipeline.Worker.Verify;

/// <summary>Lines of a file up to a length, in blocks.</summary>
static class LineScan
{
    const int BlockLength = 256 * 1024;

    /// <summary>Longest line that is looked at as one; a longer one is no record of ours.</summary>
    const int LineBytesMax = 16 * 1024 * 1024;

    public delegate void OnLine(long offset, ReadOnlySpan<byte> line, bool isEnded);

    public static void Read(LogContent file, long length, OnLine onLine)
    {
        var buffer = new byte[BlockLength];
        var (held, offset) = (0, 0L);
        for (var position = 0L; position < length;)
        {
            if (held == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
            var wanted = (int)Math.Min(buffer.Length - held, length - position);
            var read = file.Read(buffer.AsSpan(held, wanted), position);
            if (read == 0) break;
            position += read;
            held += read;
            var rest = buffer.AsSpan(0, held);
            for (int end; (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
            {
                onLine(offset, rest[..end], isEnded: true);
                offset += end + 1;
            }
            if (rest.Length > LineBytesMax)
            {
                onLine(offset, rest, isEnded: false);
                offset += rest.Length;
                rest = [];
            }
            rest.CopyTo(buffer);
            held = rest.Length;
        }
        if (held > 0) onLine(offset, buffer.AsSpan(0, held), isEnded: false);
    }
}
