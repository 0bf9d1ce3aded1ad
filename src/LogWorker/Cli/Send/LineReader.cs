namespace LogPipeline.Worker.Cli.Send;

/// <summary>The lines of a stream, to its end.</summary>
/// <param name="name">The stream's name, for people.</param>
sealed class LineReader(Stream stream, string name, int lineBytesMax = LineSplitter.LineBytesMax)
{
    LineSplitter? _splitter;

    /// <summary>
    /// The next line, or null at the end. A last line without a line feed is a line; nothing behind the last line feed
    /// is none.
    /// </summary>
    /// <exception cref="InvalidDataException">The stream holds no text.</exception>
    public ValueTask<InputLine?> ReadAsync(CancellationToken cancellationToken) =>
        _splitter?.TryTake(out var line) == true ? new ValueTask<InputLine?>(line) : FillAsync(cancellationToken);

    async ValueTask<InputLine?> FillAsync(CancellationToken cancellationToken)
    {
        _splitter ??= await BeginAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            if (_splitter.TryTake(out var line)) return line;
            var count = await ReadAsync(_splitter.Room(), cancellationToken).ConfigureAwait(false);
            if (count == 0) return _splitter.TryTakeRest(out line) ? line : null;
            _splitter.Filled(count);
        }
    }

    async Task<LineSplitter> BeginAsync(CancellationToken cancellationToken)
    {
        var head = new byte[TextForm.HeadBytes];
        var length = 0;
        // A terminal or a pipe gives what it has; the longest mark has four bytes.
        for (var count = 1; count > 0 && length < 4; length += count)
            count = await ReadAsync(head.AsMemory(length), cancellationToken).ConfigureAwait(false);
        if (TextForm.WhyNoText(head.AsSpan(0, length)) is { } why) throw new InvalidDataException($"'{name}' {why}.");
        var form = TextForm.Of(head.AsSpan(0, length));
        var splitter = new LineSplitter(form, form.MarkBytes, lineBytesMax);
        var rest = head.AsMemory(form.MarkBytes, length - form.MarkBytes);
        rest.CopyTo(splitter.Room());
        splitter.Filled(rest.Length);
        return splitter;
    }

    // A read of a terminal or a pipe does not end when it is cancelled: it is left alone.
    Task<int> ReadAsync(Memory<byte> room, CancellationToken cancellationToken) =>
        stream.ReadAsync(room, cancellationToken).AsTask().WaitAsync(cancellationToken);
}
