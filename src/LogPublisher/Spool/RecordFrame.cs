using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Capture;

namespace LogPipeline.Publisher.Spool;

// A file of records, version 1 (the version stands in the file's suffix); numbers are little-endian. The file has its
// whole length from the start; what is not written yet is zeros. There is no head that could be damaged: frames begin
// at 0.
//
//   frame   4   marker, see MarkerOf
//           4   length of the payload
//           4   CRC-32C of marker, length and payload
//           n   payload:  8   sequence number
//                         8   time of the event, in ticks of UTC
//                         1   level, as Serilog numbers them
//                         1   0: a line, 1: a packed event (2: no record but a seal, see Seal.cs); 4 more: encrypted, 16
//                             more: with a mark
//                         2   length of the channel
//                         n   channel, UTF-8; of an event, the one it goes to unless it names another
//                         8   the mark, if there is one: the caller's own number of where the event comes from
//                         n   the record as it will stand in the log file, or the event it is to be made of, see
//                             PackedEventReader.cs; encrypted: see SpoolCipher.cs
//
// The marker is written last. A process that is killed in the middle of a frame leaves zeros in its place, and a reader
// knows that nothing was accepted there; a marker with something else than a whole frame behind it is damage.

/// <summary>Reads and writes the records that a file of records holds.</summary>
static class RecordFrame
{
    const int FixedBytes = 8 + 8 + 1 + 1 + 2;
    const int MarkBytes = 8;
    const byte PackedKind = 1;
    const byte EncryptedKind = 4;
    const byte MarkedKind = 16;

    /// <summary>What a record takes beyond itself, at most.</summary>
    public const int OverheadMax = FrameScanner.HeaderSize + FixedBytes + ChannelBytesMax + MarkBytes + DigitsMax
        + SpoolCipher.OverheadMax;

    const int DigitsMax = 19;

    const int ChannelBytesMax = 3 * LogPipeline.Workflows.PipelineDefaults.NameLengthMax;

    /// <summary>
    /// What every frame of the file with this name begins with. 0xFF is in no UTF-8 text, so no record holds it; the
    /// rest distinguishes this file's frames from those of another.
    /// </summary>
    public static uint MarkerOf(string fileName) => Crc32C.Compute(Encoding.UTF8.GetBytes(fileName)) | 0xFF;

    public static int LengthOf(CapturedRecord record, long sequence, SpoolCipher? cipher = null) =>
        FrameScanner.HeaderSize + FixedBytes + record.ChannelUtf8.Length + MarkBytesOf(record)
            + record.LengthWith(sequence) + (cipher?.Overhead ?? 0);

    /// <summary>Fills exactly <see cref="LengthOf"/> bytes.</summary>
    /// <param name="cipher">Null: the record is not encrypted.</param>
    public static void Write(Span<byte> frame, uint marker, CapturedRecord record, long sequence,
        SpoolCipher? cipher = null)
    {
        var payload = frame[FrameScanner.HeaderSize..];
        BinaryPrimitives.WriteInt64LittleEndian(payload, sequence);
        BinaryPrimitives.WriteInt64LittleEndian(payload[8..], record.Time.UtcTicks);
        payload[16] = (byte)record.Level;
        var encrypts = cipher is { Encrypts: true };
        payload[17] = (byte)((record.IsPacked ? PackedKind : 0) | (encrypts ? EncryptedKind : 0)
            | (record.Mark != 0 ? MarkedKind : 0));
        var channel = record.ChannelUtf8;
        BinaryPrimitives.WriteUInt16LittleEndian(payload[18..], (ushort)channel.Length);
        channel.CopyTo(payload[FixedBytes..]);
        var head = payload[..(FixedBytes + channel.Length + MarkBytesOf(record))];
        if (record.Mark != 0) BinaryPrimitives.WriteInt64LittleEndian(head[^MarkBytes..], record.Mark);
        var content = payload[head.Length..];
        if (encrypts) cipher!.Encrypt(head, record, sequence, content);
        else record.CompleteInto(content, sequence);
        Finish(frame, marker);
    }

    /// <summary>The same payload as a frame of another file.</summary>
    public static void Copy(ReadOnlySpan<byte> payload, Span<byte> frame, uint marker)
    {
        payload.CopyTo(frame[FrameScanner.HeaderSize..]);
        Finish(frame, marker);
    }

    public static bool TryRead(ReadOnlyMemory<byte> payload, out SpooledRecord record)
    {
        record = default;
        var span = payload.Span;
        if (span.Length < FixedBytes) return false;
        var channelBytes = BinaryPrimitives.ReadUInt16LittleEndian(span[18..]);
        var ticks = BinaryPrimitives.ReadInt64LittleEndian(span[8..]);
        var kind = span[17];
        var headBytes = FixedBytes + channelBytes + ((kind & MarkedKind) != 0 ? MarkBytes : 0);
        if (headBytes > span.Length || (kind & ~(PackedKind | EncryptedKind | MarkedKind)) != 0
            || ticks < 0 || ticks > DateTime.MaxValue.Ticks) return false;
        record = new SpooledRecord(BinaryPrimitives.ReadInt64LittleEndian(span),
            new DateTimeOffset(ticks, TimeSpan.Zero), (LogEventLevel)(sbyte)span[16], (kind & PackedKind) != 0,
            (kind & EncryptedKind) != 0, payload[..headBytes], payload.Slice(FixedBytes, channelBytes),
            payload[headBytes..],
            (kind & MarkedKind) != 0 ? BinaryPrimitives.ReadInt64LittleEndian(span[(headBytes - MarkBytes)..]) : 0);
        return record.Sequence > 0;
    }

    static int MarkBytesOf(CapturedRecord record) => record.Mark == 0 ? 0 : MarkBytes;

    /// <summary>Puts the head in front of a payload: from then on it is a frame.</summary>
    public static void Finish(Span<byte> frame, uint marker)
    {
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(head, marker);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], frame.Length - FrameScanner.HeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[8..],
            FrameScanner.Checksum(head, frame[FrameScanner.HeaderSize..]));
        head[4..].CopyTo(frame[4..]);
        // In mapped memory the order of these writes is what a kill leaves.
        Volatile.WriteBarrier();
        head[..4].CopyTo(frame);
    }
}
