using System.Buffers.Binary;
using System.Numerics;

namespace LogPipeline.DurableFiles;

/// <summary>CRC-32C (Castagnoli): the checksum of every frame and of every range that a ledger promises.</summary>
public static class Crc32C
{
    /// <summary>The checksum of <paramref name="bytes"/>; "123456789" gives E3069283.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>
    /// The checksum of what <paramref name="crc"/> covers with <paramref name="bytes"/> behind it; 0 covers nothing.
    /// </summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        // BitOperations uses the processor's instruction where there is one and a table elsewhere.
        var state = ~crc;
        while (bytes.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }
        foreach (var b in bytes) state = BitOperations.Crc32C(state, b);
        return ~state;
    }
}
