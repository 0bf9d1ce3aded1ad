using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Queue;

namespace LogPipeline.Publisher.Spool;

// What a record of a file of frozen batches (a RecordLog of DurableFiles) holds, version 1; numbers are little-endian.
//
//   'B'   4 bytes: length of the header   the header as JSON (LogBatchHeader)   the records array      a frozen batch
//   'D'   the batch id as text                                                                        the batch is done with
//
// A kind that is not known is passed over.

/// <summary>
/// A file of batches, <c>0000000001.spool</c>, as versions up to 0.1 wrote it in <see cref="Durability.Memory"/>. It is
/// sent and goes; nothing writes such a file any more.
/// </summary>
sealed class FrozenBatchFile : ISpooled
{
    public const string Suffix = ".spool";

    const byte BatchKind = (byte)'B';
    const byte DoneKind = (byte)'D';
    const int BatchHead = 5;

    readonly StoreDirectory _directory;
    readonly RecordLog _log;
    readonly List<(LogBatchHeader Header, long Position)> _waiting;

    FrozenBatchFile(StoreDirectory directory, RecordLog log,
        IEnumerable<(LogBatchHeader Header, long Position)> waiting)
    {
        _directory = directory;
        _log = log;
        _waiting = [.. waiting.OrderBy(batch => batch.Header.Id, BatchId.OldestFirst)];
    }

    /// <exception cref="InvalidDataException">It is none; it is left as it is.</exception>
    public static FrozenBatchFile Open(StoreDirectory directory, string name)
    {
        var waiting = new Dictionary<BatchId, (LogBatchHeader Header, long Position)>();
        var log = RecordLog.Open(directory, name, onRecord: (position, payload) =>
        {
            if (TryReadBatch(payload, out var header, out _)) waiting[header.Id] = (header, position);
            else if (TryReadDone(payload, out var id)) waiting.Remove(id);
        });
        return new FrozenBatchFile(directory, log, waiting.Values);
    }

    public string Source => _waiting[0].Header.Source;
    public BatchId? NextId => _waiting.Count > 0 ? _waiting[0].Header.Id : null;
    public long Bytes => _log.Committed;
    public DateTimeOffset? OldestAt => _waiting.Count > 0 ? _waiting[0].Header.From : null;

    /// <summary>Records of the batches that wait.</summary>
    public long Records => _waiting.Sum(batch => (long)batch.Header.RecordCount);

    /// <summary>Bytes that belong to no frame.</summary>
    public long DamagedBytes => _log.Recovery.DamagedBytes;

    public FrozenBatch? Next(BatchId? previous, Action<long> onLost)
    {
        var next = _waiting[0];
        foreach (var record in _log.Read(next.Position))
        {
            if (record.Position == next.Position && TryReadBatch(record.Payload.Span, out var header, out var records))
                return new FrozenBatch(header, records.ToArray());
            break;
        }
        Done(accepted: false);
        onLost(next.Header.RecordCount);
        return null;
    }

    public void Done(bool accepted)
    {
        var id = _waiting[0].Header.Id;
        _waiting.RemoveAt(0);
        _log.Append([DoneKind, .. Encoding.UTF8.GetBytes(id.ToString())]);
        _log.Commit();
    }

    public void End()
    {
        _log.Dispose();
        if (DamagedBytes > 0) JournalSegments.Quarantine(_directory, _log.Name);
        else _directory.Delete(_log.Name);
    }

    public void Dispose() => _log.Dispose();

    static bool TryReadBatch(ReadOnlySpan<byte> frame, [NotNullWhen(true)] out LogBatchHeader? header,
        out ReadOnlySpan<byte> records)
    {
        header = null;
        records = default;
        if (frame.Length < BatchHead || frame[0] != BatchKind) return false;
        var headerLength = BinaryPrimitives.ReadInt32LittleEndian(frame[1..]);
        if (headerLength <= 0 || headerLength > frame.Length - BatchHead) return false;
        records = frame[(BatchHead + headerLength)..];
        try
        {
            header =
                JsonSerializer.Deserialize(frame.Slice(BatchHead, headerLength), PublisherJson.Default.LogBatchHeader);
            return header is not null && BatchId.IsName(header.Source) && BatchId.IsName(header.Instance)
                && header.FirstSequence >= 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    static bool TryReadDone(ReadOnlySpan<byte> frame, out BatchId id)
    {
        id = default;
        return frame.Length > 1 && frame[0] == DoneKind
            && BatchId.TryParse(Encoding.UTF8.GetString(frame[1..]), out id);
    }
}
