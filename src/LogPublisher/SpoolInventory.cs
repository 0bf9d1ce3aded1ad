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

    readonly TemporalSinkOptions _options;
    readonly KeyRing _keys;
    readonly SpoolDestination _destination;
    readonly PhysicalDirectory _top;

    /// <param name="options">The directory, and where records of this configuration go; null: the defaults.</param>
    /// <param name="environment">Where variables come from; null: the process's environment.</param>
    /// <exception cref="ConfigurationException">Options were wrong; it holds all errors.</exception>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public SpoolInventory(TemporalSinkOptions? options = null, Func<string, string?>? environment = null)
    {
        _options = SinkOptionsReader.Settle(options ?? new TemporalSinkOptions(), environment);
        _keys = _options.Codec.Keys;
        var connection = SinkConnection.Create(_options, environment);
        _destination =
            new SpoolDestination(connection.Address, connection.Namespace, _options.TaskQueue, _keys.EncryptingId);
        _top = new PhysicalDirectory(_options.SpoolDirectory!, isPrivate: true);
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
    /// <param name="folder">As <see cref="List"/> names it.</param>
    /// <returns>How many of its directories were moved, and how many are in use and stay.</returns>
    /// <exception cref="InvalidDataException">Something is encrypted with a key that is not here; nothing of that
    /// directory is moved.</exception>
    public (int Moved, int InUse) Move(string folder)
    {
        var target = _destination.Open(_top);
        return Each(folder, (parent, slot) =>
        {
            foreach (var run in JournalName.In(slot))
                new SpoolCipher(_keys, run).RequireKeys(new JournalScan(slot, run).KeyIds);
            var number = Enumerable.Range(0, NumbersMax).First(number => !Directory.Exists(InTarget(number)));
            Directory.Move(slot.Path, InTarget(number));
            target.Sync();
            parent.Sync();
        });

        string InTarget(int number) =>
            System.IO.Path.Combine(target.Path, number.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Removes what waits in a folder, for good.</summary>
    /// <param name="folder">As <see cref="List"/> names it.</param>
    /// <returns>How many of its directories were removed, and how many are in use and stay.</returns>
    public (int Removed, int InUse) Purge(string folder) => Each(folder, (parent, slot) =>
    {
        Directory.Delete(slot.Path, recursive: true);
        parent.Sync();
    });

    SpoolFolder? Describe(string name, StoreDirectory folder)
    {
        var of = IsNumber(name) ? null : SpoolDestination.Read(folder);
        if (of is null && !IsNumber(name)) return null;
        var (inUse, records, bytes) = (0, 0L, 0L);
        foreach (var slot in Slots(name, folder))
        {
            bytes += Directory.EnumerateFiles(slot.Path).Sum(file => new FileInfo(file).Length);
            if (slot.IsOwned) inUse++;
            else records += CountRecords(slot);
        }
        return new SpoolFolder(name, of?.Address, of?.Namespace, of?.TaskQueue, of?.KeyId,
            of == _destination, inUse, records, bytes);
    }

    /// <summary>Records that wait; batches of an early version are counted by an adopting process alone.</summary>
    long CountRecords(StoreDirectory slot)
    {
        try
        {
            using var claim = slot.Own("logworker spool");
            var formatter = new RecordFormatter(CaptureContext.Create(_options), "list");
            var records = 0L;
            foreach (var run in JournalName.In(slot))
            {
                using var journal = Journal.Load(slot, run, formatter);
                records += journal.Found.Records;
            }
            return records;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return 0;
        }
    }

    (int Done, int InUse) Each(string name, Action<StoreDirectory, StoreDirectory> act)
    {
        if (List().All(known => known.Name != name)) return (0, 0);
        var folder = _top.Directory(name);
        var (done, inUse) = (0, 0);
        foreach (var slot in Slots(name, folder).ToList())
        {
            try
            {
                using var claim = slot.Own("logworker spool");
                act(IsNumber(name) ? _top : folder, slot);
                done++;
            }
            catch (DirectoryOwnedException)
            {
                inUse++;
            }
        }
        return (done, inUse);
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
/// <param name="Records">Records that wait in directories that no process has and that can be read here.</param>
/// <param name="Bytes">Of all files.</param>
public sealed record SpoolFolder(string Name, string? Address, string? Namespace, string? TaskQueue, string? KeyId,
    bool IsOwn, int InUse, long Records, long Bytes);
