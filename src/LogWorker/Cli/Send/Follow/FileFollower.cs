using Microsoft.Win32.SafeHandles;

namespace LogPipeline.Worker.Cli.Send.Follow;

/// <summary>
/// Sends the lines of a growing file, and of those that get its name after it, until it is stopped.
/// <para>
/// An event carries the mark of the place behind it into the spool. Once a second the spool is synced, and then the
/// place is written; after a kill the highest mark in the spool says how much further it had come
/// (<see cref="FilePlace.With"/>). The spool is this follower's own, so nobody else removes what it would say.
/// </para>
/// </summary>
/// <param name="send">Takes an event and its mark; null: it is in the spool, else why not.</param>
/// <param name="sync">Returns when what the sink has taken is on the disk itself.</param>
/// <param name="tell">Gets what a person should know.</param>
sealed class FileFollower(string path, PlaceFile places, EventJoiner joiner,
    Func<InputEvent, long, CancellationToken, ValueTask<string?>> send, Action sync,
    Action<string> tell, TimeProvider time) : IDisposable
{
    public static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan NoteInterval = TimeSpan.FromSeconds(1);

    const long FirstMark = 1;

    readonly FileFinder _finder = new(path);
    OpenedFile? _file;
    long _notedAt;
    FilePlace? _noted;
    // The writer has gone over to another file, and nothing has come in this one since that was seen.
    bool _isEnding;
    bool _saidWaiting;
    bool _saidGone;
    string? _trouble;

    /// <summary>Follows from the place that was noted, or from the start of the file.</summary>
    /// <returns>Null: it was stopped; else what ended it.</returns>
    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (_trouble is null)
            {
                var goesOn = await StepAsync(cancellationToken).ConfigureAwait(false);
                Note(goesOn ? NoteInterval : TimeSpan.Zero);
                if (!goesOn) await Task.Delay(PollInterval, time, cancellationToken).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // An event that has begun is read again by the next run: what is behind it may come later.
        }
        finally
        {
            Note(TimeSpan.Zero);
        }
        return _trouble;
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>Reads a block and sends what is whole of it, or looks for the file that comes next.</summary>
    /// <returns>False: there is nothing to do before the next look.</returns>
    public async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        if ((_file ??= Open()) is not { } file) return false;
        var read = file.Read();
        if (read == GrowingRead.Truncated) return await LeaveTruncatedAsync(file, cancellationToken).ConfigureAwait(false);
        while (_trouble is null && file.TryTake(out var line))
            await AddAsync(file, line, cancellationToken).ConfigureAwait(false);
        if (read == GrowingRead.Bytes)
        {
            _isEnding = false;
            return true;
        }
        if (joiner.IsDue) await EndEventAsync(file, cancellationToken).ConfigureAwait(false);
        if (_finder.IsCurrent(file) || _finder.Next(file) is not { } next) return false;
        // Who writes goes over to the new file some time after it was made, and several do not at once: this one is
        // left when the new one has content and nothing has come here since that was seen.
        var isOver = next != path || _finder.HasMovedOn(file);
        if (!isOver || !_isEnding)
        {
            _isEnding = isOver;
            return next != path;
        }
        return await MoveToAsync(next, file, cancellationToken).ConfigureAwait(false);
    }

    OpenedFile? Open()
    {
        if (places.Read() is not { } place) return OpenFirst();
        if (_finder.Find(place) is { } found) return new OpenedFile(found, place);
        if (place.Offset > 0 && !_saidGone)
            tell($"The file that was read up to byte {place.Offset} is gone from '{Path.GetDirectoryName(path)}'; what it "
                + $"had behind that, if anything, is not sent.");
        _saidGone = true;
        return _finder.NextSince(place.Seen) is { } next && FileHandles.TryOpen(next) is { } handle
            ? Begin(handle, next, place.Mark, place.Seen) : null;
    }

    OpenedFile? OpenFirst()
    {
        if (FileHandles.TryOpen(path) is not { } handle)
        {
            if (!_saidWaiting) tell($"There is no file '{path}' yet; it is waited for.");
            _saidWaiting = true;
            return null;
        }
        if (TextForm.WhyNoText(OpenedFile.BeginningOf(handle)) is not { } why)
            return Begin(handle, null, FirstMark, default);
        _trouble = $"'{path}' {why}.";
        handle.Dispose();
        return null;
    }

    /// <param name="name">Null: it may be empty.</param>
    /// <returns>Null: it is empty.</returns>
    OpenedFile? Begin(SafeFileHandle handle, string? name, long mark, DateTimeOffset seen)
    {
        var file = new OpenedFile(handle, new FilePlace(null, FileHead.None, 0, mark, seen));
        // One that was cut empty since it was seen to have content: what it had is in a copy, which comes first.
        if (name == path && file.Place.Head.Length == 0)
        {
            file.Dispose();
            return null;
        }
        // Before its first event: the marks of its events count from here.
        Write(file.Note());
        return file;
    }

    async Task<bool> LeaveTruncatedAsync(OpenedFile file, CancellationToken cancellationToken)
    {
        if (_finder.FindCopy(file.Place) is { } copy)
        {
            _file = file.GoOnIn(copy);
            file.Dispose();
            return true;
        }
        if (_finder.Next(file) is not { } next) return false;
        return await MoveToAsync(next, file, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>False: what is next cannot be told at the moment.</returns>
    async Task<bool> MoveToAsync(string next, OpenedFile file, CancellationToken cancellationToken)
    {
        var handle = FileHandles.TryOpen(next);
        // It may have been renamed, and another one come between, since it was seen.
        if (handle is null) return false;
        if (_finder.Next(file) != next || FileIdentity.Of(handle) != FileIdentity.Of(next, followLinks: true))
        {
            handle.Dispose();
            return false;
        }
        if (file.TryTakeRest(out var rest)) await AddAsync(file, rest, cancellationToken).ConfigureAwait(false);
        await EndEventAsync(file, cancellationToken).ConfigureAwait(false);
        if (_trouble is not null) return false;
        sync();
        if (Begin(handle, next, file.Place.Mark, file.Note().Seen) is not { } opened) return false;
        _file = opened;
        _isEnding = false;
        file.Dispose();
        return true;
    }

    async Task AddAsync(OpenedFile file, InputLine line, CancellationToken cancellationToken)
    {
        if (joiner.TryAdd(line, out var done)) await SendAsync(file, done, cancellationToken).ConfigureAwait(false);
    }

    async Task EndEventAsync(OpenedFile file, CancellationToken cancellationToken)
    {
        if (_trouble is null && joiner.TryEnd(out var done))
            await SendAsync(file, done, cancellationToken).ConfigureAwait(false);
    }

    async Task SendAsync(OpenedFile file, InputEvent done, CancellationToken cancellationToken)
    {
        _trouble = await send(done, file.MarkOf(done.End), cancellationToken).ConfigureAwait(false);
        if (_trouble is null) file.Sent(done.End);
    }

    void Note(TimeSpan interval)
    {
        if (_file is null || _file.Place == _noted || time.GetElapsedTime(_notedAt) < interval) return;
        sync();
        Write(_file.Note());
    }

    void Write(FilePlace place)
    {
        places.Write(place);
        _noted = place;
        _notedAt = time.GetTimestamp();
    }
}
