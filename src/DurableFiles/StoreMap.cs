using System.IO.MemoryMappedFiles;

namespace LogPipeline.DurableFiles;

/// <summary>
/// The bytes of a file as memory: what is written here is the system's at once, without a call, and survives the
/// process. After a power cut it is there once the file was synced. One thread writes at a time.
/// </summary>
public sealed unsafe class StoreMap : IDisposable
{
    readonly MemoryMappedFile _file;
    readonly MemoryMappedViewAccessor _view;
    readonly int _length;
    byte* _start;

    internal StoreMap(FileStream stream, int length)
    {
        _file = MemoryMappedFile.CreateFromFile(stream, null, length, MemoryMappedFileAccess.ReadWrite,
            HandleInheritability.None, leaveOpen: true);
        try
        {
            _view = _file.CreateViewAccessor(0, length, MemoryMappedFileAccess.ReadWrite);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
        _length = length;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>Not to be used after <see cref="Dispose"/>.</summary>
    public Span<byte> Bytes => new(_start, _length);

    /// <summary>Writes to every page what it holds: the system's work for a first write is done with.</summary>
    public void Touch()
    {
        for (var at = 0; at < _length; at += Environment.SystemPageSize)
            Volatile.Write(ref _start[at], Volatile.Read(ref _start[at]));
    }

    /// <summary>
    /// Hands what was written to the file, on systems where a mapping and its file are apart until then.
    /// </summary>
    internal void Flush()
    {
        if (!OperatingSystem.IsLinux() && _start != null) _view.Flush();
    }

    public void Dispose()
    {
        if (_start == null) return;
        _start = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
