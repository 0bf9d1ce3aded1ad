using LogPipeline.DurableFiles;

namespace LogPipeline.Publisher.Spool;

// A seal is a frame among the records, see RecordFrame.cs; its payload:
//
//   8   first     8   last
//   1   0
//   1   2: a seal
//   2   length of previous     n   previous, ASCII
//   1   line feed, as no frame ends in a zero
//
// It stands behind the records it is about, or, of a journal that was adopted, in a later file. A batch is cut only
// when the one before it is done with, so the last seal says everything: what is before it is done, and it may have
// been tried.

/// <summary>A batch as it was cut.</summary>
/// <param name="First">Its first record, whose number names it.</param>
/// <param name="Last">The last number that belongs to it, whether or not that record can still be read.</param>
/// <param name="Previous">The batch that goes before it.</param>
readonly record struct Seal(long First, long Last, string? Previous)
{
    const byte Kind = 2;
    const int FixedBytes = 8 + 8 + 1 + 1 + 2;

    /// <summary>Bytes of its frame.</summary>
    public int FrameLength => FrameScanner.HeaderSize + FixedBytes + (Previous?.Length ?? 0) + 1;

    /// <summary>Fills exactly <see cref="FrameLength"/> bytes.</summary>
    public void WriteFrame(Span<byte> frame, uint marker)
    {
        var payload = frame[FrameScanner.HeaderSize..];
        BinaryPrimitives.WriteInt64LittleEndian(payload, First);
        BinaryPrimitives.WriteInt64LittleEndian(payload[8..], Last);
        payload[16] = 0;
        payload[17] = Kind;
        var previous = Encoding.ASCII.GetBytes(Previous ?? "", payload[FixedBytes..]);
        BinaryPrimitives.WriteUInt16LittleEndian(payload[18..], (ushort)previous);
        payload[^1] = (byte)'\n';
        RecordFrame.Finish(frame, marker);
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out Seal seal)
    {
        seal = default;
        if (payload.Length <= FixedBytes || payload[17] != Kind) return false;
        var previous = BinaryPrimitives.ReadUInt16LittleEndian(payload[18..]);
        if (payload.Length != FixedBytes + previous + 1) return false;
        seal = new Seal(BinaryPrimitives.ReadInt64LittleEndian(payload),
            BinaryPrimitives.ReadInt64LittleEndian(payload[8..]),
            previous > 0 ? Encoding.ASCII.GetString(payload.Slice(FixedBytes, previous)) : null);
        return seal.First > 0 && seal.Last >= seal.First;
    }
}
