using LogPipeline.Worker.Files;

namespace LogPipeline.Worker.Cli.Tail;

/// <summary>The lines of a plain log file from its end on, so that the last of gigabytes cost little.</summary>
static class BackwardLines
{
    const int BlockBytes = 64 * 1024;

    /// <summary>Behind the last line feed.</summary>
    public static long WholeEnd(LogContent content)
    {
        var block = new byte[BlockBytes];
        for (var end = content.Length; end > 0;)
        {
            var start = Math.Max(0, end - block.Length);
            var read = content.Read(block.AsSpan(0, (int)(end - start)), start);
            if (block.AsSpan(0, read).LastIndexOf((byte)'\n') is >= 0 and var found) return start + found + 1;
            end = start;
        }
        return 0;
    }

    /// <param name="content">Of a file that is not compressed.</param>
    /// <param name="end">Behind a line feed.</param>
    public static IEnumerable<ReadOnlyMemory<byte>> Of(LogContent content, long end)
    {
        // What is held of the file: from start to end.
        var (held, start) = (Array.Empty<byte>(), end);
        while (end > 0)
        {
            // Its own line feed ends the last line.
            var length = (int)(end - start);
            var feed = length > 1 ? held.AsSpan(0, length - 1).LastIndexOf((byte)'\n') : -1;
            if (feed < 0 && start > 0 && length < WholeLines.LineBytesMax)
            {
                // As much again as is held: a long line is copied a few times, and not once for each block.
                var from = Math.Max(0, start - Math.Max(BlockBytes, length));
                var more = new byte[end - from];
                if (content.Read(more.AsSpan(0, (int)(start - from)), from) < start - from) yield break;
                held.AsSpan(0, length).CopyTo(more.AsSpan((int)(start - from)));
                (held, start) = (more, from);
                continue;
            }
            yield return held.AsMemory(feed + 1, length - feed - 1 - (held[length - 1] == '\n' ? 1 : 0));
            end = start + feed + 1;
        }
    }
}
