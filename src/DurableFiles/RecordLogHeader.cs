using System.Buffers.Binary;

namespace LogPipeline.DurableFiles;

/// <summary>The head of a record log; the format stands in RecordLog.cs.</summary>
static class RecordLogHeader
{
    public const int Size = 20;
    const uint Version = 1;

    static ReadOnlySpan<byte> Magic => "LPRECLOG"u8;

    /// <param name="Marker">Null: the file holds no record, as it was never finished.</param>
    /// <param name="IsDamaged">The marker was taken from the first frame.</param>
    /// <param name="Bytes">Bytes of an unfinished head.</param>
    public readonly record struct Result(uint? Marker, bool IsDamaged, long Bytes);

    public static Result Read(StoreFile file, RecordLogOptions options)
    {
        Span<byte> head = stackalloc byte[Size + FrameScanner.HeaderSize];
        var length = file.Read(head, 0);
        if (length >= Size && Crc32C.Compute(head[..16]) == BinaryPrimitives.ReadUInt32LittleEndian(head[16..]))
        {
            if (!head.StartsWith(Magic)) throw new InvalidDataException($"{file.Name} is not a record log.");
            var version = BinaryPrimitives.ReadUInt32LittleEndian(head[8..]);
            if (version != Version)
                throw new InvalidDataException($"{file.Name} is a record log of version {version}; this program knows version {Version}. Use the program that wrote it.");
            return new Result(BinaryPrimitives.ReadUInt32LittleEndian(head[12..]), false, 0);
        }
        if (length == head.Length)
        {
            var marker = BinaryPrimitives.ReadUInt32LittleEndian(head[Size..]);
            var scanner = new FrameScanner(file, marker, options.RecordBytesMax, Size, file.Length);
            if (marker != 0 && scanner.MoveNext() && scanner.Position == Size) return new Result(marker, true, 0);
        }
        // Records follow only a head that was synced, so a file too short for one, or one of zeros, holds none.
        if (length < head.Length || !head[..length].ContainsAnyExcept((byte)0)) return new Result(null, false, file.Length);
        throw new InvalidDataException($"{file.Name} is not a record log, or its first bytes are damaged; it is left as it is.");
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
