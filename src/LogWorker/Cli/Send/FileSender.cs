namespace LogPipeline.Worker.Cli.Send;

/// <summary>Sends files, or standard input, from the first line to the last.</summary>
/// <param name="standardInput">Opens it.</param>
sealed class FileSender(EventJoiner joiner, EventSender sender, SendTally tally, Func<Stream> standardInput)
{
    long _toSkip;

    /// <param name="skip">Lines that were sent before, of all files together.</param>
    /// <returns>Null: all of them were sent; else why not.</returns>
    public async Task<string?> RunAsync(IReadOnlyList<string> files, long skip, CancellationToken cancellationToken)
    {
        _toSkip = skip;
        foreach (var file in files)
        {
            try
            {
                if (await SendAsync(file, cancellationToken).ConfigureAwait(false) is { } trouble) return trouble;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return $"'{file}' cannot be read: {e.Message}";
            }
            catch (InvalidDataException e)
            {
                return e.Message;
            }
            catch (OperationCanceledException)
            {
                return "It was stopped.";
            }
        }
        return _toSkip > 0 ? $"All files together have {skip - _toSkip} lines; --skip was {skip}." : null;
    }

    async Task<string?> SendAsync(string file, CancellationToken cancellationToken)
    {
        var stream = file == "-" ? standardInput() : FileHandles.OpenStream(file);
        await using var closing = stream.ConfigureAwait(false);
        var reader = new LineReader(stream, file);
        string? trouble = null;
        while (trouble is null && await reader.ReadAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (_toSkip > 0)
            {
                _toSkip--;
                tally.Skipped++;
            }
            else if (joiner.TryAdd(new InputLine(line, 0), out var done))
            {
                trouble = await sender.SendAsync(done, mark: 0, cancellationToken).ConfigureAwait(false);
            }
            // What is read is in memory: without this it would not notice that it is to stop.
            cancellationToken.ThrowIfCancellationRequested();
        }
        tally.Cut += reader.LinesCut;
        if (trouble is null && joiner.TryEnd(out var last))
            trouble = await sender.SendAsync(last, mark: 0, cancellationToken).ConfigureAwait(false);
        return trouble;
    }
}
