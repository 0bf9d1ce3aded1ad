using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Options;
using LogPipeline.Publisher.Spool;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Publisher;

/// <summary>
/// What lies in a spool directory, for whom, and what an operator does with it. It touches nothing that a running
/// process has.
/// </summary>
public sealed class SpoolInventory
{
    const int NumbersMax = 100_000;
    const string Owner = "logworker spool";

    readonly TemporalSinkOptions _options;
    readonly KeyRing _keys;
    readonly SpoolDestination _destination;
    readonly PhysicalDirectory _top;

    /// <param name="options">The directory, and where records of this configuration go; null: the defaults.</param>
    /// <param name="environment">Where variables come from; null: the process's environment.</param>
    /// <exception cref="ConfigurationException">Options were wrong, or the directory cannot be used.</exception>
    public SpoolInventory(TemporalSinkOptions? options = null, Func<string, string?>? environment = null)
    {
        _options = SinkOptionsReader.Settle(options ?? new TemporalSinkOptions(), environment);
        _keys = _options.Codec.Keys;
        var connection = SinkConnection.Create(_options, environment);
        _destination =
            new SpoolDestination(connection.Address, connection.Namespace, _options.TaskQueue, _keys.EncryptingId);
        try
        {
            _top = new PhysicalDirectory(_options.SpoolDirectory!, isPrivate: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SinkStorage.Unusable(_options.SpoolDirectory!, e);
        }
    }

    /// <summary>The spool directory.</summary>
    public string Path => _top.Path;

    /// <summary>The folder of this configuration's destination.</summary>
    public string OwnFolder => _destination.DirectoryName;

    /// <summary>Each folder in which something lies, by name.</summary>
    public IReadOnlyList<SpoolFolder> List() =>
        [.. _top.ListDirectories().Select(name => TryOpen(_top, name) is { } folder ? Describe(name, folder) : null)
            .OfType<SpoolFolder>().Where(folder => folder.Bytes > 0 || folder.InUse > 0)];

    /// <summary>
    /// Moves what waits in another folder into this configuration's, whose processes send it from there.
    /// </summary>
    /// <param name="folder">As <see cref="List"/> names it; not <see cref="OwnFolder"/>.</param>
    /// <returns>How many records were moved, and how many directories are in use and stay.</returns>
    /// <exception cref="ArgumentException">It is this configuration's.</exception>
    /// <exception cref="InvalidDataException">Something is encrypted with a key that is not here; nothing is
    /// moved.</exception>
    public (long Records, int InUse) Move(string folder)
    {
        if (folder == OwnFolder || TryOpen(_top, folder) is { } of && SpoolDestination.Read(of) == _destination)
            throw new ArgumentException("It is this configuration's own folder.", nameof(folder));
        // All or nothing of it: what stays behind for want of a key would look like what was forgotten.
        Each(folder, (_, slot) => Count(slot));
        var records = 0L;
        var target = _destination.Open(_top);
        var inUse = Each(folder, (parent, slot) =>
        {
            records += Count(slot);
            var number = Enumerable.Range(0, NumbersMax).First(number => !Directory.Exists(InTarget(number)));
            Directory.Move(slot.Path, InTarget(number));
            target.Sync();
            parent.Sync();
        });
        return (records, inUse);

        string InTarget(int number) =>
            System.IO.Path.Combine(target.Path, number.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Removes what waits in a folder, for good.</summary>
    /// <param name="folder">As <see cref="List"/> names it.</param>
    /// <returns>How many records were removed, null: it cannot be told; and how many directories are in use and
    /// stay.</returns>
    public (long? Records, int InUse) Purge(string folder)
    {
        long? records = 0;
        var inUse = Each(folder, (parent, slot) =>
        {
            records += TryCount(slot).Records;
            Directory.Delete(slot.Path, recursive: true);
            parent.Sync();
        });
        return (records, inUse);
    }

    SpoolFolder? Describe(string name, StoreDirectory folder)
    {
        var of = IsNumber(name) ? null : SpoolDestination.Read(folder);
        if (of is null && !IsNumber(name)) return null;
        var (inUse, records, bytes) = (0, (long?)0, 0L);
        var (problem, missingKey) = ((string?)null, (string?)null);
        foreach (var slot in Slots(name, folder))
        {
            bytes += Directory.EnumerateFiles(slot.Path).Sum(file => new FileInfo(file).Length);
            if (slot.IsOwned)
            {
                inUse++;
                continue;
            }
            var (count, whyNot) = TryCountFree(slot);
            records += count;
            if (whyNot is null) continue;
            problem ??= whyNot.Message;
            if (whyNot is InvalidDataException) missingKey ??= MissingKeyOf(slot);
        }
        return new SpoolFolder(name, of?.Address, of?.Namespace, of?.TaskQueue, of?.KeyId,
            of == _destination, inUse, records, bytes)
        {
            MissingKey = missingKey,
            Problem = problem,
        };
    }

    (long? Records, Exception? Problem) TryCountFree(StoreDirectory slot)
    {
        try
        {
            using var claim = slot.Own(Owner);
            return TryCount(slot);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, e);
        }
    }

    (long? Records, Exception? Problem) TryCount(StoreDirectory slot)
    {
        try
        {
            return (Count(slot), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return (null, e);
        }
    }

    /// <summary>Records that wait in a directory that is claimed.</summary>
    /// <exception cref="InvalidDataException">A key is missing.</exception>
    long Count(StoreDirectory slot)
    {
        var formatter = new RecordFormatter(CaptureContext.Create(_options), "list");
        var records = 0L;
        foreach (var run in JournalName.In(slot))
        {
            using var journal = Journal.Load(slot, run, formatter);
            records += journal.Found.Records;
        }
        foreach (var name in slot.List().Where(name => name.EndsWith(FrozenBatchFile.Suffix, StringComparison.Ordinal)))
        {
            using var file = FrozenBatchFile.Open(slot, name);
            records += file.Records;
        }
        return records;
    }

    string? MissingKeyOf(StoreDirectory slot) => JournalName.In(slot)
        .Select(run => new SpoolCipher(_keys, run).MissingOf(new JournalScan(slot, run).KeyIds))
        .FirstOrDefault(key => key is not null);

    /// <returns>How many directories are in use.</returns>
    int Each(string name, Action<StoreDirectory, StoreDirectory> act)
    {
        if (!_top.ListDirectories().Contains(name) || TryOpen(_top, name) is not { } folder) return 0;
        var inUse = 0;
        foreach (var slot in Slots(name, folder).ToList())
        {
            try
            {
                using var claim = slot.Own(Owner);
                act(IsNumber(name) ? _top : folder, slot);
            }
            catch (DirectoryOwnedException)
            {
                inUse++;
            }
        }
        return inUse;
    }

    /// <summary>The directories of processes: those in the folder, or one of an early version itself.</summary>
    static IEnumerable<StoreDirectory> Slots(string name, StoreDirectory folder) => IsNumber(name)
        ? [folder] : folder.ListDirectories().Where(IsNumber).Select(slot => TryOpen(folder, slot)).OfType<StoreDirectory>();

    static bool IsNumber(string name) => SpoolRoot.IsNumber(name);

    static StoreDirectory? TryOpen(StoreDirectory parent, string name) => SpoolRoot.TryOpen(parent, name, _ => { });
}

/// <summary>What lies in the spool for one destination, or, of an early version, for one that is not known.</summary>
/// <param name="Name">The folder's name.</param>
/// <param name="Address">Temporal's; null: not known.</param>
/// <param name="Namespace">Temporal's; null: not known.</param>
/// <param name="TaskQueue">Where the worker polls; null: not known.</param>
/// <param name="KeyId">The key that encrypts; null: none does, or it is not known.</param>
/// <param name="IsOwn">This configuration sends it.</param>
/// <param name="InUse">Processes that have a directory in it.</param>
/// <param name="Records">Records that wait in directories that no process has; null: they cannot be counted.</param>
/// <param name="Bytes">Of all files.</param>
public sealed record SpoolFolder(string Name, string? Address, string? Namespace, string? TaskQueue, string? KeyId,
    bool IsOwn, int InUse, long? Records, long Bytes)
{
    /// <summary>Records are encrypted with the key of this id, which is not here; null: no key is missing.</summary>
    public string? MissingKey { get; init; }

    /// <summary>Why the records cannot be counted, in a sentence; null: they were.</summary>
    public string? Problem { get; init; }
}
