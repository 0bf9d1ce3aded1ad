using Google.Protobuf;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Queue;
using LogPipeline.Workflows.Codecs;
using Temporalio.Api.Common.V1;

namespace LogPipeline.Publisher.Spool;

/// <summary>
/// What lies on this host's disk that Temporal has not accepted: a journal of records for each run of an application,
/// of which batches are made when it is their turn, oldest first: by start of the process, then by number.
/// <code>
/// LOG_SPOOL_DIRECTORY/&lt;destination&gt;/&lt;number&gt;/owner        locked while a process has the directory
/// LOG_SPOOL_DIRECTORY/&lt;destination&gt;/&lt;number&gt;/….records    journals, see Journal.cs
/// LOG_SPOOL_DIRECTORY/&lt;destination&gt;/refused/…             batches that Temporal refuses for good
/// </code>
/// A process writes into the first free directory, and adopts what it finds in any whose owner is gone.
/// Owned by the publish loop, except the constructor.
/// </summary>
sealed class SpoolStore : IDisposable
{
    const int DirectoriesMax = 256;
    const int SaidMax = 100;
    const string RefusedName = "refused";

    readonly SpoolRoot _root;
    readonly SpoolCipher _cipher;
    readonly JournalName _name;
    readonly string _owner;
    readonly RecordFormatter _formatter;
    readonly TemporalSinkOptions _options;
    readonly List<OwnedDirectory> _claimed = [];
    readonly OwnedDirectory _own;
    readonly HashSet<string> _said = new(StringComparer.Ordinal);
    Exception? _passedOver;
    Journal? _ownJournal;
    long _refusedBytes;

    /// <summary>Claims a directory, so that one that cannot be used is known at start.</summary>
    /// <param name="name">This run of the application.</param>
    /// <param name="owner">Who this is, for people.</param>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    public SpoolStore(SpoolRoot root, JournalName name, string owner, RecordFormatter formatter)
    {
        _cipher = new SpoolCipher(formatter.Context.Options.Codec.Keys, name);
        (_root, _name, _owner, _formatter, _options) = (root, name, owner, formatter, formatter.Context.Options);
        for (var number = 0; number < DirectoriesMax; number++)
        {
            if (TryClaim(number.ToString(CultureInfo.InvariantCulture)) is not { } claimed) continue;
            _claimed.Add(_own = claimed);
            return;
        }
        throw new IOException(
            $"{DirectoriesMax} processes use the spool directory {root.Own.Path} already; give this one its own.", _passedOver);
    }

    public string Path => _root.Own.Path;
    public string Top => _root.Top;

    /// <summary>Where records lie that no process has, and that are for other destinations than this one's.</summary>
    public IReadOnlyList<string> ForOthers() => _root.ForOthers();

    /// <summary>Where this process's journal is.</summary>
    public StoreDirectory OwnDirectory => _own.Files;

    /// <summary>Something waits that goes before what this process has not sealed yet.</summary>
    public bool HasBatches => OldestId is not null;

    public BatchId? OldestId => Oldest?.NextId;

    /// <summary>
    /// What has waited longest. This process's own journal is among it with a batch that was sealed, or with what
    /// overflowed.
    /// </summary>
    ISpooled? Oldest =>
        Spooled.Where(spooled => spooled.NextId is not null)
            .MinBy(spooled => spooled.NextId!.Value, BatchId.OldestFirst);

    IEnumerable<ISpooled> Spooled => _claimed.SelectMany(directory => directory.Spooled);

    public SpoolSnapshot GetSnapshot() =>
        new(Spooled.Sum(spooled => spooled.Bytes), (double)(_ownJournal?.Bytes ?? 0) / _options.Limits.SpoolBytesMax,
            Spooled.Min(spooled => spooled.OldestAt));

    /// <summary>Begins the journal of this process.</summary>
    /// <param name="after">The last record that will not be in it.</param>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public Journal CreateJournal(long after = 0)
    {
        _ownJournal = Journal.Create(_own.Files, _name, _formatter, after, _cipher);
        _own.Add(_ownJournal);
        return _ownJournal;
    }

    /// <summary>Takes over what processes that are gone have left.</summary>
    /// <returns>How many records that is, and how many could not be read.</returns>
    /// <param name="onFound">Gets each folder in which some were, and how many.</param>
    public (long Records, long Lost) Adopt(bool first, Action<string> report, Action<string, long>? onFound = null)
    {
        if (first && _passedOver is { } passed) Once(SpoolRoot.PassedOver(passed));
        var found = first ? _own.Load(_formatter, _name, Once) : (Records: 0L, Lost: 0L);
        if (found.Records > 0) onFound?.Invoke(_root.Own.Path, found.Records);
        foreach (var (parent, name) in _root.Adoptable(Once))
        {
            if (TryClaim(parent, name, Once) is not { } claimed) continue;
            _claimed.Add(claimed);
            var (records, lost) = claimed.Load(_formatter, _name, Once);
            found = (found.Records + records, found.Lost + lost);
            if (records > 0) onFound?.Invoke(parent.Path, records);
            Release(claimed);
        }
        return found;

        // What is passed over is found again in every interval, and said once.
        void Once(string text)
        {
            if (_said.Count < SaidMax && _said.Add(text)) report(text);
        }
    }

    /// <summary>Claims a directory to write in; null: another process has it, or it is not ours.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    OwnedDirectory? TryClaim(string name)
    {
        // What cannot be made cannot be passed over: the next one could not be made either.
        var wasThere = _root.Own.EntryOf(name) != StoreEntry.None;
        try
        {
            return OwnedDirectory.TryClaim(_root.Own, name, _owner);
        }
        catch (Exception e) when (wasThere && e is (IOException or UnauthorizedAccessException))
        {
            _passedOver ??= e;
            return null;
        }
    }

    /// <returns>Null: it holds nothing, is this process's already, or another's, or cannot be used.</returns>
    OwnedDirectory? TryClaim(StoreDirectory parent, string name, Action<string> report)
    {
        try
        {
            var files = parent.Directory(name);
            if (_claimed.Exists(directory => directory.Files.Path == files.Path)) return null;
            return OwnedDirectory.HasRecords(files) ? OwnedDirectory.TryClaim(parent, name, _owner) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report(SpoolRoot.PassedOver(e));
            return null;
        }
    }

    /// <summary>
    /// Puts records that were in memory behind all that this process has on disk. What is there survives the process.
    /// </summary>
    /// <param name="records">In the order of their numbers.</param>
    /// <param name="tried">They were sealed as this batch, which may be in Temporal already: it stays that batch. Then
    /// it is all or none.</param>
    /// <returns>How many are there, and why not all.</returns>
    public (int Count, DropReason Reason, string? Error) Append(IReadOnlyList<QueuedRecord> records, Seal? tried)
    {
        var bytes = records.Sum(queued => (long)RecordFrame.LengthOf(queued.Record, queued.Sequence, _cipher));
        var open = _ownJournal?.Bytes ?? 0;
        if (open + bytes > _options.Limits.SpoolBytesMax)
            return (0, DropReason.SpoolFull,
                $"The spool {Path} holds {open} bytes and its bound is {_options.Limits.SpoolBytesMax}.");
        var before = records[0].Sequence - 1;
        try
        {
            (_ownJournal ?? CreateJournal(before)).Append(records, (int)bytes, tried);
            return (records.Count, default, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var count = (int)Math.Max(0, (_ownJournal?.LastFound ?? 0) - before);
            if (_ownJournal is { NextId: null }) TryEnd(_ownJournal);
            return (count, DropReason.DiskFailed, $"The spool {Path} cannot be written: {e.Message}");
        }
    }

    /// <summary>
    /// The batch to start next. What was damaged on disk since it was found is given up and reported.
    /// </summary>
    /// <param name="previousOf">What goes before the first batch of a source's journal.</param>
    public FrozenBatch? Next(Func<string, BatchId?> previousOf, Action<BatchId, long> onLost)
    {
        while (Oldest is { NextId: { } id } oldest)
        {
            if (oldest.Next(previousOf(oldest.Source), lost => onLost(id, lost)) is { } batch) return batch;
            EndIfEmpty(oldest);
        }
        return null;
    }

    /// <summary>The batch is in Temporal or was set aside.</summary>
    /// <exception cref="IOException">The disk cannot be written; a later process will offer the batch again, which is
    /// harmless.</exception>
    public void Done(BatchId id, bool accepted)
    {
        if (Spooled.FirstOrDefault(spooled => spooled.NextId == id) is not { } done) return;
        try
        {
            done.Done(accepted);
        }
        finally
        {
            EndIfEmpty(done);
        }
    }

    /// <summary>
    /// Writes a batch that Temporal refuses for good to a file under <c>refused</c>, which survives a power cut. It is not
    /// sent any more. Where there is a key it is encrypted, as a payload that the worker's codec endpoint decodes.
    /// </summary>
    /// <returns>The file's path; null: the disk refuses too, or this process has set aside as much as the spool may
    /// hold.</returns>
    public string? TrySetAside(FrozenBatch batch)
    {
        if (_refusedBytes + batch.Records.Length > _options.Limits.SpoolBytesMax) return null;
        try
        {
            var directory = _root.Own.Directory(RefusedName);
            var name = string.Create(CultureInfo.InvariantCulture,
                $"{batch.Id.Source}.{batch.Id.Instance}.{batch.Id.FirstSequence:d12}.json");
            using var file = directory.Open(name, StoreOpen.ExistingOrNew);
            file.SetLength(0);
            file.Write(RefusedContent(batch), 0);
            file.Sync();
            directory.Sync();
            _refusedBytes += batch.Records.Length;
            return System.IO.Path.Combine(directory.Path, name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    byte[] RefusedContent(FrozenBatch batch)
    {
        var keys = _options.Codec.Keys;
        if (keys.IsEmpty) return batch.Records;
        var payload = new Payload
        {
            Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
            Data = ByteString.CopyFrom(batch.Records),
        };
        return Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(
            new Payloads { Payloads_ = { new PipelineCodec(keys, (int)_options.Codec.GzipBytesMin).Encode(payload) } }));
    }

    public void Dispose()
    {
        foreach (var directory in _claimed) directory.Dispose();
    }

    void EndIfEmpty(ISpooled spooled)
    {
        // A journal that is written to all the time stays.
        if (spooled.NextId is null && !(spooled == _ownJournal && _ownJournal.Segments.HasWriter)) End(spooled);
    }

    void End(ISpooled spooled)
    {
        var directory = _claimed.First(directory => directory.Spooled.Contains(spooled));
        if (spooled == _ownJournal) _ownJournal = null;
        try
        {
            directory.End(spooled);
        }
        finally
        {
            Release(directory);
        }
    }

    void TryEnd(ISpooled spooled)
    {
        try
        {
            End(spooled);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Empty files stay behind; the process that adopts the directory removes them.
        }
    }

    /// <summary>Adopted and emptied: the directory is free for another process.</summary>
    void Release(OwnedDirectory directory)
    {
        if (ReferenceEquals(directory, _own) || directory.Spooled.Count > 0) return;
        _claimed.Remove(directory);
        directory.Dispose();
    }
}
