namespace LogPipeline.Worker.Cli.Send;

/// <summary>Sends files, or standard input, from the first line to the last.</summary>
/// <param name="standardInput">Opens it.</param>
sealed class FileSender(EventJoiner joiner, EventSender sender, SendTally tally, Func<Stream> standardInput)
{
    long _toSkip;

    long Through => tally.Skipped + tally.Lines;

    /// <summary>Notes in the tally what ended it before the last line, and how to go on.</summary>
    /// <param name="skip">Lines that were sent before, of all files together.</param>
    public async Task RunAsync(IReadOnlyList<string> files, long skip, CancellationToken cancellationToken)
    {
        _toSkip = skip;
        for (var i = 0; i < files.Count; i++)
        {
            var before = Through;
            try
            {
                tally.Trouble = await SendAsync(files[i], cancellationToken).ConfigureAwait(false);
                if (tally.Trouble is not null) tally.GoOn = WithSkip();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                tally.Trouble = $"'{files[i]}' cannot be read: {e.Message}";
                tally.GoOn = WithSkip() is { } again ? $"when it can be read, {again}" : null;
            }
            catch (InvalidDataException e)
            {
                // It will be no text the next time either.
                tally.Trouble = e.Message;
                tally.GoOn = i == files.Count - 1 ? null
                    : $"the same command without '{files[i]}'{(before > 0 ? $" and with --skip {before}" : "")}";
            }
            catch (OperationCanceledException)
            {
                tally.Trouble = "It was stopped.";
                tally.GoOn = WithSkip();
            }
            if (tally.Trouble is not null) return;
        }
        if (_toSkip > 0) tally.Trouble = $"All files together have {skip - _toSkip} lines; --skip was {skip}.";
    }

    string? WithSkip() => Through > 0 ? $"the same command with --skip {Through}" : null;

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
            else if (joiner.TryAdd(line, out var done))
            {
                trouble = await sender.SendAsync(done, mark: 0, cancellationToken).ConfigureAwait(false);
            }
            // What is read is in memory: without this it would not notice that it is to stop.
            cancellationToken.ThrowIfCancellationRequested();
        }
        if (trouble is null && joiner.TryEnd(out var last))
            trouble = await sender.SendAsync(last, mark: 0, cancellationToken).ConfigureAwait(false);
        return trouble;
    }
}
