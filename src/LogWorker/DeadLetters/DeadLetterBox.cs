using LogPipeline.Worker.Channels;

namespace LogPipeline.Worker.DeadLetters;

/// <summary>The directory of dead letters. Used by any thread.</summary>
/// <param name="open">Opens the directory, on first need.</param>
/// <param name="bytesMax">Most bytes in it; a batch that would be over is tried again until there is room.</param>
/// <param name="time">Measures how long ago the letters were counted; null: the system's.</param>
/// <param name="onWritten">Is called with each letter that was not there before; null: nobody asks.</param>
sealed class DeadLetterBox(Func<StoreDirectory> open, long bytesMax, TimeProvider? time = null,
    Action<DeadLetter>? onWritten = null)
{
    /// <summary>Most letters in it, as each takes a file and a line of the list.</summary>
    public const int LettersMax = 10_000;

    /// <summary>
    /// Others retry and purge letters, which is seen when they are counted anew: only while the box seems full, and not
    /// for every batch that would be a letter, as it takes as long as there are letters.
    /// </summary>
    public static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(5);

    /// <summary>The directory's name in the log directory; no channel has it.</summary>
    public const string DirectoryName = ChannelName.DeadLetterDirectory;

    const string Unfinished = ".tmp";

    readonly TimeProvider _time = time ?? TimeProvider.System;

    // Waited for without a thread: letters that queue up must not keep other batches from theirs.
    readonly SemaphoreSlim _gate = new(1);

    // Owned by who is in the gate.
    StoreDirectory? _directory;
    (int Letters, long Bytes) _used;
    long? _countedAt;

    /// <summary>Returns when the letter is on the disk. A letter that is there already stays as it is.</summary>
    /// <exception cref="IOException">It could not be written now, or there is no room; try again.</exception>
    public async Task WriteAsync(DeadLetter letter, CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            Put(letter);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc cref="WriteAsync"/>
    public void Write(DeadLetter letter)
    {
        _gate.Wait();
        try
        {
            Put(letter);
        }
        finally
        {
            _gate.Release();
        }
    }

    void Put(DeadLetter letter)
    {
        var directory = _directory ??= OpenClean();
        if (directory.EntryOf(letter.Name) == StoreEntry.File)
        {
            // Its writer may have been killed before the name was durable.
            directory.Sync();
            return;
        }
        var bytes = letter.ToBytes();
        RequireRoom(directory, bytes.Length);
        // Whatever has the name: a torn attempt, a link, a pipe.
        directory.Delete(letter.Name + Unfinished);
        using (var file = directory.Open(letter.Name + Unfinished, StoreOpen.New))
        {
            file.Write(bytes, 0);
            file.Sync();
        }
        directory.Replace(letter.Name + Unfinished, letter.Name);
        _used = (_used.Letters + 1, _used.Bytes + bytes.Length);
        onWritten?.Invoke(letter);
    }

    void RequireRoom(StoreDirectory directory, long bytes)
    {
        bool IsFull() => _used.Letters >= LettersMax || _used.Bytes + bytes > bytesMax;

        if (_countedAt is not { } at || (IsFull() && _time.GetElapsedTime(at) >= CountInterval))
        {
            _used = Names(directory).Aggregate((Letters: 0, Bytes: 0L), (sum, name) =>
                (sum.Letters + 1, sum.Bytes + LengthOf(directory, name)));
            _countedAt = _time.GetTimestamp();
        }
        if (IsFull())
            throw new IOException($"The {_used.Letters} dead letters in {directory.Path} have {_used.Bytes} bytes, and "
                + $"{LettersMax} and {bytesMax} are their bounds; look at them with 'logworker dead-letters list', then "
                + $"retry or purge them.");
    }

    /// <summary>How many letters there are.</summary>
    public int Count => Names(_directory ?? open()).Count();

    /// <summary>All letters, by name.</summary>
    public IReadOnlyList<ListedLetter> List()
    {
        var directory = _directory ?? open();
        return [.. Names(directory).Select(name => ListOne(directory, name)).OfType<ListedLetter>()];
    }

    public IReadOnlyList<string> ListNames() => [.. Names(_directory ?? open())];

    /// <summary>Whether a letter has this name; a text that is no file's name is none's.</summary>
    public bool Contains(string name) =>
        DeadLetter.IsName(name) && (_directory ?? open()).EntryOf(name) == StoreEntry.File;

    /// <summary>Null: there is none of this name.</summary>
    public ListedLetter? Find(string name) => Contains(name) ? ListOne(_directory ?? open(), name) : null;

    /// <exception cref="FileNotFoundException">There is none of this name.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public DeadLetter Read(string name)
    {
        using var file = (_directory ?? open()).Open(name, StoreOpen.Read);
        var bytes = new byte[file.Length];
        return DeadLetter.FromBytes(name, bytes.AsMemory(0, file.Read(bytes, 0)));
    }

    public void Remove(string name)
    {
        var directory = _directory ?? open();
        directory.Delete(name);
        directory.Sync();
        _countedAt = null;
    }

    /// <summary>The sequence numbers that are here; 0: from there on an unknown number of them.</summary>
    public IEnumerable<(BatchId Batch, long Count)> Numbers()
    {
        foreach (var letter in List())
        {
            if (letter.Head is not { } head || !BatchId.TryParse(head.Workflow, out var id)) continue;
            foreach (var part in head.Parts)
                // What a letter says need not be so.
                if (part.Index >= 0 && id.FirstSequence <= PipelineDefaults.SequenceMax - part.Index)
                    yield return (new BatchId(id.Source, id.Instance, id.FirstSequence + part.Index), part.RecordCount);
        }
    }

    // Null: it was retried or purged meanwhile.
    ListedLetter? ListOne(StoreDirectory directory, string name)
    {
        try
        {
            return new ListedLetter { Name = name, Bytes = LengthOf(directory, name), Head = Read(name).Head };
        }
        catch (InvalidDataException e)
        {
            return new ListedLetter { Name = name, Bytes = LengthOf(directory, name), Head = null,
                Problem = e.Message };
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    // What a killed worker left unfinished is written again when its batch is.
    StoreDirectory OpenClean()
    {
        var directory = open();
        foreach (var name in directory.List().Where(name => name.EndsWith(Unfinished, StringComparison.Ordinal)))
            directory.Delete(name);
        return directory;
    }

    static IEnumerable<string> Names(StoreDirectory directory) =>
        directory.List().Where(name => DeadLetter.IsName(name) && directory.EntryOf(name) == StoreEntry.File);

    static long LengthOf(StoreDirectory directory, string name)
    {
        try
        {
            using var file = directory.Open(name, StoreOpen.Read);
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            // Retried or purged meanwhile: it takes no room.
            return 0;
        }
    }
}
