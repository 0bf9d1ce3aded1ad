using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Capture;

namespace LogPipeline.Publisher.Spool;

/// <summary>
/// One numbered directory of the spool, owned by one process at a time. Its owner finds in it what earlier
/// owners left.
/// </summary>
sealed class OwnedDirectory : IDisposable
{
    readonly IDisposable _owned;
    readonly List<ISpooled> _spooled = [];

    OwnedDirectory(StoreDirectory files, string name, IDisposable owned)
    {
        Files = files;
        Name = name;
        _owned = owned;
    }

    /// <summary>Claims a directory; null when another process has it.</summary>
    /// <exception cref="IOException">The directory cannot be used at all.</exception>
    public static OwnedDirectory? TryClaim(StoreDirectory root, string name, string owner)
    {
        var files = root.Directory(name);
        try
        {
            return new OwnedDirectory(files, name, files.Own(owner));
        }
        catch (DirectoryOwnedException)
        {
            return null;
        }
    }

    /// <summary>Whether a directory holds something to adopt; called before it is claimed.</summary>
    public static bool HasRecords(StoreDirectory directory) =>
        directory.List().Any(name =>
            name.EndsWith(FrozenBatchFile.Suffix, StringComparison.Ordinal) || JournalName.OfFile(name) is not null);

    public string Name { get; }

    public StoreDirectory Files { get; }

    /// <summary>What waits in it.</summary>
    public IReadOnlyList<ISpooled> Spooled => _spooled;

    public void Add(ISpooled spooled) => _spooled.Add(spooled);

    /// <summary>Takes out what has nothing left that waits; its files go.</summary>
    public void End(ISpooled spooled)
    {
        _spooled.Remove(spooled);
        try
        {
            spooled.End();
        }
        finally
        {
            spooled.Dispose();
        }
    }

    /// <summary>Opens what earlier owners left.</summary>
    /// <param name="own">Not this one.</param>
    /// <returns>Records that wait, and records that cannot be read.</returns>
    public (long Records, long Lost) Load(RecordFormatter formatter, JournalName own, Action<string> report)
    {
        var (records, lost) = (0L, 0L);
        foreach (var name in JournalName.In(Files).Where(name => name != own))
        {
            Try($"The journal {name}", report, () =>
            {
                var journal = Journal.Load(Files, name, formatter);
                Take(journal);
                records += journal.Found.Records;
                lost += journal.Found.Lost;
                if (journal.Found.Lost > 0)
                    report($"The journal {name} in {Files.Path} is damaged: {journal.Found.Lost} records cannot be "
                        + $"read. The files are kept as .damaged when the rest is sent.");
                if (journal.BookmarkWasLost)
                    report($"The bookmark of the journal {name} in {Files.Path} cannot be read; the files of records "
                        + $"show how far it was sent.");
            });
        }
        foreach (var name in Files.List()
            .Where(name => name.EndsWith(FrozenBatchFile.Suffix, StringComparison.Ordinal)))
        {
            Try($"The spool file {name}", report, () =>
            {
                var file = FrozenBatchFile.Open(Files, name);
                records += file.Records;
                if (file.DamagedBytes > 0)
                    report($"The spool file {name} in {Files.Path} has {file.DamagedBytes} damaged bytes; the "
                        + $"batches around them are kept.");
                Take(file);
            });
        }
        return (records, lost);
    }

    public void Dispose()
    {
        foreach (var spooled in _spooled) spooled.Dispose();
        _owned.Dispose();
    }

    void Take(ISpooled spooled)
    {
        Add(spooled);
        if (spooled.NextId is null) End(spooled);
    }

    void Try(string what, Action<string> report, Action load)
    {
        try
        {
            load();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            report($"{what} in {Files.Path} is left as it is: {e.Message}");
        }
    }
}
