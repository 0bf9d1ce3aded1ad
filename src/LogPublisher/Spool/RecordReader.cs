using LogPipeline.DurableFiles;

namespace LogPipeline.Publisher.Spool;

/// <summary>Reads the records of one segment, and the seals among them, passing over what is damaged.</summary>
sealed class RecordReader : IDisposable
{
    readonly StoreFile _file;
    readonly FrameScanner _scanner;
    readonly long _limit;
    bool _passedOver;

    public RecordReader(StoreFile file, uint marker, int recordBytesMax, long from, long end)
    {
        _file = file;
        _limit = end;
        _scanner = new FrameScanner(file, marker, recordBytesMax, from, end);
    }

    /// <summary>Where the current record ends.</summary>
    public long End => _scanner.End;

    /// <summary>Bytes of the current record's frame.</summary>
    public int FrameBytes => (int)(_scanner.End - _scanner.Position);

    /// <summary>The last seal that was passed.</summary>
    public Seal? LastSeal { get; private set; }

    /// <summary>Bytes were found that belong to no frame; known at the end.</summary>
    public bool IsDamaged => _passedOver || _scanner.DamagedBytes > 0 || EndsInDamage;

    /// <summary>
    /// Behind the last frame another one was begun and is not whole; known at the end. A frame whose first bytes are
    /// zeros was never accepted.
    /// </summary>
    public bool EndsInDamage
    {
        get
        {
            if (_scanner.TornBytes <= 0) return false;
            Span<byte> begin = stackalloc byte[sizeof(uint)];
            return begin[.._file.Read(begin[..(int)Math.Min(begin.Length, _limit - _scanner.End)],
                _scanner.End)].ContainsAnyExcept((byte)0);
        }
    }

    public bool MoveNext(out SpooledRecord record)
    {
        while (_scanner.MoveNext())
        {
            if (RecordFrame.TryRead(_scanner.Payload, out record)) return true;
            if (Seal.TryRead(_scanner.Payload.Span, out var seal)) LastSeal = seal;
            else _passedOver = true;
        }
        record = default;
        return false;
    }

    public void Dispose() => _file.Dispose();
}
