namespace LogPipeline.DurableFiles;

/// <summary>
/// Reads what another object, or an earlier process, wrote, and changes nothing: a torn tail is passed over, not cut.
/// </summary>
public sealed class RecordLogReader : IDisposable
{
    readonly StoreFile _file;
    readonly RecordLogOptions _options;
    readonly uint? _marker;

    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">The file is no record log or of an unknown version.</exception>
    public RecordLogReader(StoreDirectory directory, string name, RecordLogOptions? options = null)
    {
        _options = options ?? new RecordLogOptions();
        _file = directory.Open(name, StoreOpen.Read);
        try
        {
            _marker = RecordLogHeader.Read(_file, _options).Marker;
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public long Length => _file.Length;

    /// <summary>Bytes that the last enumeration found to belong to no record; a torn tail counts.</summary>
    public long DamagedBytes { get; private set; }

    /// <summary>The whole records from a position on, up to the file's present end; null: from the start.</summary>
    /// <returns>A payload is valid until the next record is read.</returns>
    public IEnumerable<(long Position, long Next, ReadOnlyMemory<byte> Payload)> Read(long? from = null)
    {
        if (_marker is not { } marker)
        {
            DamagedBytes = _file.Length;
            yield break;
        }
        var scanner = new FrameScanner(_file, marker, _options.RecordBytesMax, from ?? RecordLog.Start, _file.Length);
        while (scanner.MoveNext()) yield return (scanner.Position, scanner.End, scanner.Payload);
        DamagedBytes = scanner.DamagedBytes + scanner.TornBytes;
    }

    /// <summary>The record that begins at this position, in memory of the caller's own.</summary>
    /// <exception cref="InvalidDataException">No whole record does.</exception>
    public byte[] ReadAt(long position)
    {
        var scanner = new FrameScanner(_file, _marker ?? 0, _options.RecordBytesMax, position, _file.Length);
        return _marker is not null && scanner.MoveNext() && scanner.Position == position
            ? scanner.Payload.ToArray()
            : throw new InvalidDataException($"{_file.Name} holds no whole record at {position}.");
    }

    public void Dispose() => _file.Dispose();
}
