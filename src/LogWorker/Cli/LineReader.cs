namespace LogPipeline.Worker.Cli;

/// <summary>
/// Lines of a stream of bytes. Only the line feed ends a line and does not belong to it; carriage returns do. Bytes
/// that are no UTF-8 become U+FFFD. Of a line longer than the bound the beginning is kept.
/// </summary>
sealed class LineReader(Stream stream, int lineBytesMax = 1024 * 1024)
{
    readonly byte[] _block = new byte[64 * 1024];
    readonly MemoryStream _rest = new();
    int _from;
    int _to;

    /// <summary>Lines that were longer than the bound.</summary>
    public int LinesCut { get; private set; }

    /// <summary>
    /// The next line, or null at the end. A last line without a line feed is a line; nothing behind the last line feed
    /// is none.
    /// </summary>
    public async ValueTask<string?> ReadAsync(CancellationToken cancellationToken)
    {
        var any = false;
        var isCut = false;
        _rest.SetLength(0);
        while (true)
        {
            if (_from == _to)
            {
                (_from, _to) = (0, await stream.ReadAsync(_block, cancellationToken).ConfigureAwait(false));
                if (_to == 0) break;
            }
            any = true;
            var end = _block.AsSpan(_from, _to - _from).IndexOf((byte)'\n');
            var length = end < 0 ? _to - _from : end;
            var kept = Math.Min(length, lineBytesMax - (int)_rest.Length);
            isCut |= kept < length;
            _rest.Write(_block, _from, kept);
            _from += length;
            if (end < 0) continue;
            _from++;
            break;
        }
        if (isCut) LinesCut++;
        return any ? Encoding.UTF8.GetString(_rest.GetBuffer(), 0, (int)_rest.Length) : null;
    }
}
