using LogPipeline.Worker.Files;

namespace LogPipeline.Worker.Cli.Tail;

/// <summary>The lines of a log file from an offset on, as far as a line feed ends them. A file that grows can be asked again.</summary>
sealed class WholeLines(LogContent content, long offset)
{
    const int BlockBytes = 64 * 1024;

    // A longer line is no record of the pipeline, and is given in pieces.
    public const int LineBytesMax = 16 * 1024 * 1024;

    byte[] _buffer = new byte[BlockBytes];
    int _begin;
    int _end;

    /// <summary>Behind the last line that was given.</summary>
    public long Offset { get; private set; } = offset;

    /// <param name="end">Nothing behind this offset is read.</param>
    /// <param name="line">Holds until the next call.</param>
    public bool TryRead(long end, out ReadOnlyMemory<byte> line)
    {
        var searched = 0;
        while (true)
        {
            var held = _buffer.AsMemory(_begin, _end - _begin);
            var length = held.Span[searched..].IndexOf((byte)'\n') is >= 0 and var found ? searched + found : -1;
            if (length >= 0 || held.Length >= LineBytesMax)
            {
                line = length >= 0 ? held[..length] : held;
                var taken = length >= 0 ? length + 1 : held.Length;
                _begin += taken;
                Offset += taken;
                return true;
            }
            searched = held.Length;
            if (!Fill(end))
            {
                line = default;
                return false;
            }
        }
    }

    bool Fill(long end)
    {
        var held = _end - _begin;
        if (_begin > 0)
        {
            _buffer.AsSpan(_begin, held).CopyTo(_buffer);
            (_begin, _end) = (0, held);
        }
        if (held == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        var wanted = (int)Math.Min(_buffer.Length - held, end - Offset - held);
        var read = wanted > 0 ? content.Read(_buffer.AsSpan(held, wanted), Offset + held) : 0;
        _end += read;
        return read > 0;
    }
}
