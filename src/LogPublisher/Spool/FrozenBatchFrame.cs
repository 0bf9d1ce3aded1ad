using System.Text.Json;
using LogPipeline.Publisher.Queue;

namespace LogPipeline.Publisher.Spool;

// What a record of a file of frozen batches (a RecordLog of DurableFiles) holds, version 1; numbers are little-endian.
//
//   'B'   4 bytes: length of the header   the header as JSON (LogBatchHeader)   the records array      a frozen batch
//   'D'   the batch id as text                                                                        the batch is done with
//
// A kind that is not known is passed over.

/// <summary>Reads what a file of frozen batches holds, and notes that one is done with.</summary>
static class FrozenBatchFrame
{
    const byte Batch = (byte)'B';
    const byte Done = (byte)'D';
    const int BatchHead = 5;

    public static byte[] OfDone(BatchId id) => [Done, .. Encoding.UTF8.GetBytes(id.ToString())];

    public static bool TryReadHeader(ReadOnlySpan<byte> frame, out LogBatchHeader? header)
    {
        header = null;
        if (!TrySplit(frame, out var headerLength)) return false;
        try
        {
            header = JsonSerializer.Deserialize(frame.Slice(BatchHead, headerLength), PublisherJson.Default.LogBatchHeader);
            return header is not null && BatchId.IsName(header.Source) && BatchId.IsName(header.Instance) && header.FirstSequence >= 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public static bool TryReadBatch(ReadOnlySpan<byte> frame, out FrozenBatch? batch)
    {
        batch = null;
        if (!TryReadHeader(frame, out var header) || !TrySplit(frame, out var headerLength)) return false;
        batch = new FrozenBatch(header!, frame[(BatchHead + headerLength)..].ToArray());
        return true;
    }

    public static bool TryReadDone(ReadOnlySpan<byte> frame, out BatchId id)
    {
        id = default;
        return frame.Length > 1 && frame[0] == Done && BatchId.TryParse(Encoding.UTF8.GetString(frame[1..]), out id);
    }

    static bool TrySplit(ReadOnlySpan<byte> frame, out int headerLength)
    {
        headerLength = 0;
        if (frame.Length < BatchHead || frame[0] != Batch) return false;
        headerLength = BinaryPrimitives.ReadInt32LittleEndian(frame[1..]);
        return headerLength > 0 && headerLength <= frame.Length - BatchHead;
    }
}
