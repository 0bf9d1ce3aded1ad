using System.Buffers.Binary;

namespace TemporalDevServer.Engine;

/// <summary>
/// Every id and number that the engine gives out. Its UUIDs are random to anyone outside (SplitMix64) and come out the
/// same when a journal is read again.
/// </summary>
sealed class IdSource(EngineState state)
{
    /// <summary>A UUID of version 7: its first bits are the instant.</summary>
    public string NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, NextRandom());
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], NextRandom());
        var milliseconds = (state.Now - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(milliseconds >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)milliseconds);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0f));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3f));
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>A number that no other task, attempt or query of this server has.</summary>
    public long NextStamp() => ++state.LastStamp;

    public long NextRunNumber() => ++state.LastRunNumber;

    public long NextTaskId() => ++state.LastTaskId;

    ulong NextRandom()
    {
        var z = state.RandomState += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
