using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Queue;

namespace LogPipeline.Publisher.Spool;

/// <summary>
/// A file of batches, <c>0000000001.spool</c>, as versions up to 0.1 wrote it in <see cref="Durability.Memory"/>. It is sent and
/// goes; nothing writes such a file any more.
/// </summary>
sealed class FrozenBatchFile : ISpooled
{
    public const string Suffix = ".spool";

    readonly StoreDirectory _directory;
    readonly RecordLog _log;
    readonly List<Waiting> _waiting;

    FrozenBatchFile(StoreDirectory directory, RecordLog log, IEnumerable<Waiting> waiting)
    {
        _directory = directory;
        _log = log;
        _waiting = [.. waiting.OrderBy(batch => batch.Id, BatchId.OldestFirst)];
    }

    /// <exception cref="InvalidDataException">It is none; it is left as it is.</exception>
    public static FrozenBatchFile Open(StoreDirectory directory, string name)
    {
        var waiting = new Dictionary<BatchId, Waiting>();
        var log = RecordLog.Open(directory, name, onRecord: (position, payload) =>
        {
            if (FrozenBatchFrame.TryReadHeader(payload, out var header)) waiting[header!.Id] = new Waiting(header.Id, header.RecordCount, header.From, position);
            else if (FrozenBatchFrame.TryReadDone(payload, out var id)) waiting.Remove(id);
        });
        return new FrozenBatchFile(directory, log, waiting.Values);
    }

    public string Source => _waiting[0].Id.Source;
    public BatchId? NextId => _waiting.Count > 0 ? _waiting[0].Id : null;
    public long Bytes => _log.Committed;
    public DateTimeOffset? OldestAt => _waiting.Count > 0 ? _waiting[0].From : null;

    /// <summary>Records of the batches that wait.</summary>
    public long Records => _waiting.Sum(batch => (long)batch.Records);

    /// <summary>Bytes that belong to no frame.</summary>
    public long DamagedBytes => _log.Recovery.DamagedBytes;

    public FrozenBatch? Next(BatchLimits limits, BatchId? previous, Action<long> onLost)
    {
        var next = _waiting[0];
        foreach (var record in _log.Read(next.Position))
        {
            if (record.Position == next.Position && FrozenBatchFrame.TryReadBatch(record.Payload.Span, out var batch)) return batch;
            break;
        }
        Done(accepted: false);
        onLost(next.Records);
        return null;
    }

    public void Done(bool accepted)
    {
        var id = _waiting[0].Id;
        _waiting.RemoveAt(0);
        _log.Append(FrozenBatchFrame.OfDone(id));
        _log.Commit();
    }

    public void End()
    {
        _log.Dispose();
        if (DamagedBytes > 0) Journal.Quarantine(_directory, _log.Name);
        else _directory.Delete(_log.Name);
    }

    public void Dispose() => _log.Dispose();

    sealed record Waiting(BatchId Id, int Records, DateTimeOffset From, long Position);
}
