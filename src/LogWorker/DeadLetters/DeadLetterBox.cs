using LogPipeline.Worker.Channels;

namespace LogPipeline.Worker.DeadLetters;

/// <summary>The directory of dead letters. Used by any thread.</summary>
/// <param name="open">Opens the directory, on first need.</param>
/// <param name="bytesMax">Most bytes in it; a batch that would be over is tried again until there is room.</param>
sealed class DeadLetterBox(Func<StoreDirectory> open, long bytesMax)
{
    /// <summary>The directory's name in the log directory; no channel has it.</summary>
    public const string DirectoryName = ChannelName.DeadLetterDirectory;

    const string Unfinished = ".tmp";

    readonly Lock _gate = new();
    StoreDirectory? _directory;

    /// <summary>Returns when the letter is on the disk. A letter that is there already stays as it is.</summary>
    /// <exception cref="IOException">It could not be written now, or there is no room; try again.</exception>
    public void Write(DeadLetter letter)
    {
        var bytes = letter.ToBytes();
        lock (_gate)
        {
            var directory = _directory ??= OpenClean();
            if (directory.Exists(letter.Name))
            {
                // Its writer may have been killed before the name was durable.
                directory.Sync();
                return;
            }
            var used = Names(directory).Sum(name => LengthOf(directory, name));
            if (used + bytes.Length > bytesMax)
                throw new IOException($"The dead letters in {directory.Path} have {used} bytes, and {bytesMax} is "
                    + $"their bound; look at them with 'logworker dead-letters list', then retry or purge them.");
            using (var file = directory.Open(letter.Name + Unfinished, StoreOpen.ExistingOrNew))
            {
                file.SetLength(0);
                file.Write(bytes, 0);
                file.Sync();
            }
            directory.Replace(letter.Name + Unfinished, letter.Name);
        }
    }

    /// <summary>All letters, by name.</summary>
    public IReadOnlyList<ListedLetter> List()
    {
        var directory = _directory ?? open();
        return [.. Names(directory).Select(name => ListOne(directory, name)).OfType<ListedLetter>()];
    }

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
    }

    /// <summary>The sequence numbers that are here; 0: from there on an unknown number of them.</summary>
    public IEnumerable<(BatchId Batch, long Count)> Numbers()
    {
        foreach (var letter in List())
        {
            if (letter.Head is not { } head || !BatchId.TryParse(head.Workflow, out var id)) continue;
            foreach (var part in head.Parts)
                // Both are whatever the letter says.
                if (part.Index >= 0 && id.FirstSequence <= PipelineDefaults.SequenceMax - part.Index)
                    yield return (new BatchId(id.Source, id.Instance, id.FirstSequence + part.Index), CountOf(part));
        }
    }

    static int CountOf(DeadLetterPart part) =>
        part.RecordCount is > 0 and <= PipelineDefaults.BatchRecordsLimit ? part.RecordCount : 0;

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
        directory.List().Where(name => name.EndsWith(DeadLetter.Extension, StringComparison.Ordinal));

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
