namespace LogPipeline.Worker.Files;

/// <summary>
/// The worker's hold on its log directory. A directory that is removed is made again. After its disk was unmounted,
/// another directory has its name, which must not be used instead.
/// </summary>
/// <param name="root">The log directory.</param>
/// <param name="owner">Named to another worker that finds the directory taken.</param>
sealed class DirectoryOwnership(StoreDirectory root, string owner) : IDisposable
{
    StoreOwnership? _ownership;
    ulong? _disk;

    /// <exception cref="DirectoryOwnedException">Another worker has the directory.</exception>
    public void Take()
    {
        _ownership = root.Own(owner);
        _disk = root.Disk;
    }

    public bool IsInPlace => _ownership!.IsInPlace;

    /// <summary>Makes the directory again and takes it, if it is not the one that was taken any more.</summary>
    /// <returns>True: it, or the ledger in it, is gone.</returns>
    /// <exception cref="IOException">Its disk is gone, or another worker has it now.</exception>
    public bool Renew()
    {
        var hasLedger = root.EntryOf(LedgerFiles.DirectoryName) == StoreEntry.Directory;
        if (!IsInPlace)
        {
            if (!hasLedger && root.Disk != _disk)
                throw new IOException($"{root.Path} is not on the disk any more that it was on when the worker "
                    + $"started, which seems to be unmounted. Mount it again, or restart the worker to use the "
                    + $"directory as it is.");
            root.Create();
            var ownership = root.Own(owner);
            _ownership!.Dispose();
            (_ownership, _disk) = (ownership, root.Disk);
        }
        return !hasLedger;
    }

    public void Dispose() => _ownership?.Dispose();
}
