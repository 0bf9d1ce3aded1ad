using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Buffering;
using LogPipeline.Publisher.Spooling;

namespace LogPipeline.Publisher.Publishing;

/// <summary>Where a spooled batch lies; its oldest event is from the time given.</summary>
sealed record SpooledBatch(BatchId Id, int RecordCount, DateTimeOffset From, SpoolSegment Segment, long Position);

/// <summary>One file of a slot.</summary>
sealed class SpoolSegment(RecordLog log) : IDisposable
{
    public RecordLog Log { get; } = log;
    public int Waiting { get; set; }
    public void Dispose() => Log.Dispose();
}

/// <summary>
/// One numbered directory of the spool, owned by one process at a time. Whoever comes to own it finds in it what earlier
/// owners left: numbered segments, each a record log, removed as soon as no batch in it waits.
/// </summary>
sealed class SpoolSlot : IDisposable
{
    const string Suffix = ".spool";

    readonly StoreDirectory _directory;
    readonly IDisposable _owned;
    readonly List<SpoolSegment> _segments = [];
    SpoolSegment? _current;
    long _lastNumber;

    SpoolSlot(StoreDirectory directory, string name, IDisposable owned)
    {
        _directory = directory;
        Name = name;
        _owned = owned;
    }

    /// <summary>Claims a slot; null when another process has it.</summary>
    /// <exception cref="IOException">The directory cannot be used at all.</exception>
    public static SpoolSlot? TryClaim(StoreDirectory directory, string name, string owner)
    {
        try
        {
            return new SpoolSlot(directory, name, directory.Own(owner));
        }
        catch (DirectoryOwnedException)
        {
            return null;
        }
    }

    /// <summary>Whether a directory holds something to adopt; asked before claiming it.</summary>
    public static bool HasSegments(StoreDirectory directory) =>
        directory.List().Any(name => name.EndsWith(Suffix, StringComparison.Ordinal) || JournalName.OfFile(name) is not null);

    public StoreDirectory Directory => _directory;

    /// <summary>Journals of records that are in this slot; see Journal.cs.</summary>
    public List<Journal> Journals { get; } = [];

    /// <summary>Nothing in it waits.</summary>
    public bool IsEmpty => _segments.Count == 0 && Journals.Count == 0;

    public string Name { get; }

    /// <summary>Bytes of all segments.</summary>
    public long Bytes => _segments.Sum(segment => segment.Log.Committed);

    /// <summary>Opens what earlier owners left and tells which batches wait in it, and which files could not be read.</summary>
    public IReadOnlyList<SpooledBatch> Load(Action<string> report)
    {
        var found = new List<SpooledBatch>();
        foreach (var name in _directory.List())
        {
            if (!name.EndsWith(Suffix, StringComparison.Ordinal)) continue;
            if (long.TryParse(name.AsSpan(0, name.Length - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                _lastNumber = Math.Max(_lastNumber, number);
            try
            {
                found.AddRange(LoadSegment(name, report));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                report($"The spool file {name} in {_directory.Path} is left as it is: {e.Message}");
            }
        }
        return found;
    }

    /// <summary>Appends a batch; when this returns it survives the process.</summary>
    /// <exception cref="IOException">It is not in the spool.</exception>
    public SpooledBatch Append(FrozenBatch batch, long segmentBytesMax)
    {
        if (_current is { } full && full.Log.Committed >= segmentBytesMax) _current = null;
        if (_current is null)
        {
            _current = new SpoolSegment(RecordLog.Open(_directory, string.Create(CultureInfo.InvariantCulture, $"{++_lastNumber:d10}{Suffix}")));
            _segments.Add(_current);
        }
        var position = _current.Log.AppendThrough(SpoolFrame.HeadOf(batch), batch.Records);
        _current.Waiting++;
        return new SpooledBatch(batch.Id, batch.RecordCount, batch.Header.From, _current, position);
    }

    /// <summary>The batch itself; null when its bytes are damaged.</summary>
    public static FrozenBatch? Read(SpooledBatch spooled)
    {
        foreach (var record in spooled.Segment.Log.Read(spooled.Position))
        {
            if (record.Position != spooled.Position) return null;
            return SpoolFrame.TryReadBatch(record.Payload.Span, out var batch) ? batch : null;
        }
        return null;
    }

    /// <summary>The batch waits no longer. That it was done is noted in the segment unless the segment goes with it.</summary>
    public void Remove(SpooledBatch spooled)
    {
        var segment = spooled.Segment;
        if (--segment.Waiting > 0)
        {
            segment.Log.Append(SpoolFrame.OfDone(spooled.Id));
            segment.Log.Commit();
            return;
        }
        if (ReferenceEquals(segment, _current)) _current = null;
        _segments.Remove(segment);
        segment.Dispose();
        _directory.Delete(segment.Log.Name);
    }

    public void Dispose()
    {
        foreach (var segment in _segments) segment.Dispose();
        foreach (var journal in Journals) journal.Dispose();
        _owned.Dispose();
    }

    List<SpooledBatch> LoadSegment(string name, Action<string> report)
    {
        var waiting = new Dictionary<BatchId, (int RecordCount, DateTimeOffset From, long Position)>();
        var log = RecordLog.Open(_directory, name, onRecord: (position, payload) =>
        {
            if (SpoolFrame.TryReadHeader(payload, out var header)) waiting[header!.Id] = (header.RecordCount, header.From, position);
            else if (SpoolFrame.TryReadDone(payload, out var id)) waiting.Remove(id);
        });
        if (log.Recovery.DamagedBytes > 0)
            report($"The spool file {name} in {_directory.Path} has {log.Recovery.DamagedBytes} damaged bytes; the batches around them are kept.");
        if (waiting.Count == 0)
        {
            log.Dispose();
            // Damaged bytes are kept for whoever wants to look at them.
            if (log.Recovery.DamagedBytes == 0) _directory.Delete(name);
            return [];
        }
        var segment = new SpoolSegment(log) { Waiting = waiting.Count };
        _segments.Add(segment);
        return [.. waiting.Select(batch => new SpooledBatch(batch.Key, batch.Value.RecordCount, batch.Value.From, segment, batch.Value.Position))];
    }
}
