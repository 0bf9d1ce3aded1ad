using System.Buffers.Binary;

namespace LogPipeline.DurableFiles;

/// <summary>
/// Walks the frames of a record log, or of any file with frames of its kind; the format stands in RecordLog.cs. Where
/// no whole frame begins it searches for the next marker that begins one. What lies between is damage, or, when no
/// frame follows, the torn tail.
/// </summary>
/// <param name="file">Read from, never closed.</param>
/// <param name="marker">What every frame of the file begins with.</param>
/// <param name="recordBytesMax">A longer payload is taken for damage.</param>
/// <param name="start">Where a frame begins.</param>
/// <param name="end">Nothing is read from here on.</param>
public sealed class FrameScanner(StoreFile file, uint marker, int recordBytesMax, long start, long end)
{
    /// <summary>Bytes of a frame before its payload.</summary>
    public const int HeaderSize = 12;
    const int WindowBytes = 64 * 1024;
    const int DamageListed = 100;

    readonly List<(long Offset, long Length)> _damage = [];
    byte[] _window = new byte[(int)Math.Clamp(end - start, 64, WindowBytes)];
    long _windowStart;
    int _windowLength;

    /// <summary>Where the current frame begins.</summary>
    public long Position { get; private set; }

    /// <summary>Where the current frame ends; after the last one, the end of the log.</summary>
    public long End { get; private set; } = start;

    /// <summary>Valid until the next move.</summary>
    public ReadOnlyMemory<byte> Payload { get; private set; }

    /// <summary>Bytes in front of later frames that belong to none.</summary>
    public long DamagedBytes { get; private set; }

    /// <summary>Bytes behind the last frame; known when <see cref="MoveNext"/> has returned false.</summary>
    public long TornBytes { get; private set; }

    /// <summary>The first hundred damaged ranges.</summary>
    public IReadOnlyList<(long Offset, long Length)> Damage => _damage;

    /// <summary>Goes to the next whole frame; false: there is none.</summary>
    public bool MoveNext()
    {
        for (var at = End; at < end; at = NextMarker(at + 1))
        {
            if (!IsFrame(at)) continue;
            if (at > End) AddDamage(End, at - End);
            Position = at;
            End = at + HeaderSize + Payload.Length;
            return true;
        }
        Payload = default;
        TornBytes = end - End;
        return false;
    }

    /// <summary>What stands in a frame behind marker and length.</summary>
    public static uint Checksum(ReadOnlySpan<byte> markerAndLength, ReadOnlySpan<byte> payload) =>
        Crc32C.Append(Crc32C.Compute(markerAndLength), payload);

    bool IsFrame(long at)
    {
        if (end - at < HeaderSize) return false;
        var head = Window(at, HeaderSize).Span;
        if (head.Length < HeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(head) != marker) return false;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        if (length > recordBytesMax || length > end - at - HeaderSize) return false;
        var frame = Window(at, HeaderSize + (int)length);
        if (frame.Length < HeaderSize + (int)length) return false;
        var payload = frame[HeaderSize..];
        if (BinaryPrimitives.ReadUInt32LittleEndian(frame.Span[8..]) != Checksum(frame.Span[..8], payload.Span))
            return false;
        Payload = payload;
        return true;
    }

    /// <summary>The next position from <paramref name="at"/> on where the marker stands, or the end.</summary>
    long NextMarker(long at)
    {
        Span<byte> sought = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(sought, marker);
        while (end - at >= HeaderSize)
        {
            var bytes = Window(at, (int)Math.Min(_window.Length, end - at)).Span;
            var found = bytes.IndexOf(sought);
            if (found >= 0) return at + found;
            if (bytes.Length < HeaderSize) return end;
            at += bytes.Length - (sought.Length - 1);
        }
        return end;
    }

    /// <summary>That many bytes from <paramref name="at"/> on, fewer where the file ends.</summary>
    ReadOnlyMemory<byte> Window(long at, int count)
    {
        if (at < _windowStart || at + count > _windowStart + _windowLength)
        {
            if (count > _window.Length) _window = new byte[count];
            _windowStart = at;
            _windowLength = file.Read(_window.AsSpan(0, (int)Math.Min(_window.Length, end - at)), at);
        }
        var from = (int)(at - _windowStart);
        return _window.AsMemory(from, Math.Min(count, _windowLength - from));
    }

    void AddDamage(long offset, long length)
    {
        DamagedBytes += length;
        if (_damage.Count < DamageListed) _damage.Add((offset, length));
    }
}
