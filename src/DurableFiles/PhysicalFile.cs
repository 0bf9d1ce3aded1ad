namespace LogPipeline.DurableFiles;

/// <summary>
/// A file of the operating system. <see cref="RandomAccess"/> continues short writes until all is written or the system
/// says why not; a half-written range is then repaired by writing it again at the same offset.
/// </summary>
sealed class PhysicalFile : StoreFile
{
    /// <summary>
    /// File systems that write a block where it lies, so that a block once given stays given. Those that write it
    /// elsewhere each time (btrfs, zfs, apfs) or far away (nfs, smb, fuse) may have no room for it later.
    /// </summary>
    static readonly string[] InPlace = ["ext2", "ext3", "ext4", "xfs", "tmpfs", "NTFS"];

    readonly FileStream _stream;
    readonly string _path;
    StoreMap? _map;

    public PhysicalFile(FileStream stream, string path)
    {
        _stream = stream;
        _path = path;
        Name = Path.GetFileName(path);
    }

    public override string Name { get; }

    /// <summary>Null: the system does not say.</summary>
    public FileIdentity? Identity => FileIdentity.Of(_stream.SafeFileHandle);

    public override long Length => RandomAccess.GetLength(_stream.SafeFileHandle);

    public override int Read(Span<byte> buffer, long offset)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = RandomAccess.Read(_stream.SafeFileHandle, buffer[total..], offset + total);
            if (read == 0) break;
            total += read;
        }
        return total;
    }

    protected override void WriteCore(ReadOnlySpan<byte> bytes, long offset) =>
        RandomAccess.Write(_stream.SafeFileHandle, bytes, offset);

    public override void BeginSync(long offset, long length)
    {
        if (length >= HintBytesMin && OperatingSystem.IsLinux())
            UnixCalls.BeginWriteback(_stream.SafeFileHandle, offset, length);
    }

    public override void BeginSync()
    {
        // No length: up to its end.
        if (OperatingSystem.IsLinux()) UnixCalls.BeginWriteback(_stream.SafeFileHandle, 0, 0);
    }

    protected override void SetLengthCore(long length) => RandomAccess.SetLength(_stream.SafeFileHandle, length);

    public override StoreMap? TryMap(int length)
    {
        if (!IsInPlace()) return null;
        _map = new StoreMap(_stream, length);
        return _map;
    }

    bool IsInPlace()
    {
        try
        {
            return InPlace.Contains(new DriveInfo(_path).DriveFormat, StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    protected override void SyncCore()
    {
        _map?.Flush();
        // On macOS fsync stops at the drive's cache; the runtime knows the call that does not.
        if (OperatingSystem.IsLinux()) UnixCalls.SyncData(_stream.SafeFileHandle, _path);
        else RandomAccess.FlushToDisk(_stream.SafeFileHandle);
    }

    public override void Dispose() => _stream.Dispose();
}
