namespace LogPipeline.DurableFiles;

/// <summary>
/// An open file, read and written at offsets. Written bytes survive the process at once and a power cut after
/// <see cref="Sync"/>. Reads may run beside one writer; writers take turns by their own means.
/// </summary>
public abstract class StoreFile : IDisposable
{
    /// <summary>128 KiB. For less the call costs more than it gains.</summary>
    public const int HintBytesMin = 128 << 10;

    volatile bool _suspect;

    /// <summary>The file's name in its directory.</summary>
    public abstract string Name { get; }

    public abstract long Length { get; }

    /// <summary>
    /// A sync has failed. The system may have thrown the unwritten pages away and report success the next time, so this
    /// file is never written or synced again through this object.
    /// </summary>
    public bool IsSuspect => _suspect;

    /// <summary>Fills the buffer from <paramref name="offset"/>; fewer bytes only where the file ends.</summary>
    public abstract int Read(Span<byte> buffer, long offset);

    /// <summary>
    /// Hands all bytes to the system. When it throws (a full disk, say), any first part of them may be in the file;
    /// the same call again repairs that.
    /// </summary>
    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        RefuseIfSuspect();
        if (bytes.Length > 0) WriteCore(bytes, offset);
    }

    /// <summary>
    /// A sync is to come: lets the disk begin with these bytes, so that it works while the rest is made. A hint and no
    /// promise, for <see cref="HintBytesMin"/> and more; it does nothing where the system has no call for it.
    /// </summary>
    public virtual void BeginSync(long offset, long length)
    {
    }

    /// <summary>
    /// The syncs of many files are to come: lets the disk begin with all of this one, so that the file system gives them
    /// their places in one go. A hint and no promise.
    /// </summary>
    public virtual void BeginSync()
    {
    }

    /// <summary>Cuts or extends the file.</summary>
    public void SetLength(long length)
    {
        RefuseIfSuspect();
        SetLengthCore(length);
    }

    /// <summary>Returns when the content is on the disk itself.</summary>
    /// <exception cref="IOException">It is not, and the file <see cref="IsSuspect"/> from now on.</exception>
    public void Sync()
    {
        RefuseIfSuspect();
        try
        {
            SyncCore();
        }
        catch
        {
            _suspect = true;
            throw;
        }
    }

    /// <summary>
    /// The file's first bytes as memory, up to <paramref name="length"/>, which it must have. Null where memory cannot
    /// take the place of writes: on a file system that may find no room for bytes it has taken before, such a write
    /// ends the process. Dispose the map before the file.
    /// </summary>
    public virtual StoreMap? TryMap(int length) => null;

    public abstract void Dispose();

    protected abstract void WriteCore(ReadOnlySpan<byte> bytes, long offset);
    protected abstract void SetLengthCore(long length);
    protected abstract void SyncCore();

    void RefuseIfSuspect()
    {
        if (_suspect)
            throw new IOException(
                $"An earlier sync of {Name} failed, so what it holds is unknown; nothing more is written to it.");
    }
}
