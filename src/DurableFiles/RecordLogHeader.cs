using System.Buffers.Binary;

namespace LogPipeline.DurableFiles;

/// <summary>The head of a record log; the format stands in RecordLog.cs.</summary>
static class RecordLogHeader
{
    public const int Size = 20;
    const uint Version = 1;

    static ReadOnlySpan<byte> Magic => "LPRECLOG"u8;

    /// <returns>
    /// The marker, or null in a file that holds no record, as it was never finished; whether the marker was taken from
    /// the first frame, as the head is damaged; and the bytes of an unfinished head.
    /// </returns>
    public static (uint? Marker, bool IsDamaged, long Bytes) Read(StoreFile file, RecordLogOptions options)
    {
        Span<byte> head = stackalloc byte[Size + FrameScanner.HeaderSize];
        var length = file.Read(head, 0);
        if (length >= Size && Crc32C.Compute(head[..16]) == BinaryPrimitives.ReadUInt32LittleEndian(head[16..]))
        {
            if (!head.StartsWith(Magic)) throw new InvalidDataException($"{file.Name} is not a record log.");
            var version = BinaryPrimitives.ReadUInt32LittleEndian(head[8..]);
            if (version != Version)
                throw new InvalidDataException($"{file.Name} is a record log of version {version}; this program "
                    + $"knows version {Version}. Use the program that wrote it.");
            return (BinaryPrimitives.ReadUInt32LittleEndian(head[12..]), false, 0);
        }
        if (length == head.Length)
        {
            var marker = BinaryPrimitives.ReadUInt32LittleEndian(head[Size..]);
            var scanner = new FrameScanner(file, marker, options.RecordBytesMax, Size, file.Length);
            if (marker != 0 && scanner.MoveNext() && scanner.Position == Size) return (marker, true, 0);
        }
        // Records follow only a head that was synced, so a file too short for one, or one of zeros, holds none.
        if (length < head.Length || !head[..length].ContainsAnyExcept((byte)0)) return (null, false, file.Length);
        throw new InvalidDataException(
            $"{file.Name} is not a record log, or its first bytes are damaged; it is left as it is.");
    }

    public static void Write(StoreFile file, uint marker)
    {
        Span<byte> head = stackalloc byte[Size];
        Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(head[12..], marker);
        BinaryPrimitives.WriteUInt32LittleEndian(head[16..], Crc32C.Compute(head[..16]));
        file.Write(head, 0);
    }
}
