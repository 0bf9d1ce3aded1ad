namespace LogPipeline.Worker.Files;

/// <summary>
/// Refuses what the disk has no room for. After a failure it tries the disk with as much as the batches
/// needed that failed, so that a recovery is one, and a disk that is full, read-only or broken costs no reading of the
/// ledger.
/// </summary>
sealed class FreeSpaceGuard(StoreDirectory root, long freeBytesMin)
{
    // ENOSPC, the system's own code.
    const int NoSpace = 28;

    const string ProbeFile = "probe";
    const int ProbeBytesMin = 4096;
    const int ProbeBytesMax = 64 << 20;

    long _needed;

    /// <param name="needed">Bytes that are about to be written. Lines count twice: they go to the intents and to their
    /// files.</param>
    /// <exception cref="IOException">There is no room.</exception>
    public void Require(long needed)
    {
        _needed = needed;
        if (root.FreeBytes is var free && free - needed < freeBytesMin)
            throw new IOException($"{free} bytes are free, {needed} are needed and {freeBytesMin} are kept free "
                + $"(LOG_FREE_BYTES_MIN).", NoSpace);
    }

    /// <summary>Returns when the disk has taken, and synced, as many bytes as were required last.</summary>
    /// <exception cref="IOException">It does not.</exception>
    public void Probe()
    {
        if (_needed > 0) Require(_needed);
        var directory = root.Directory(LedgerFiles.DirectoryName);
        // One that an earlier life left, killed meanwhile.
        directory.Delete(ProbeFile);
        using (var probe = directory.Allot(ProbeFile, (int)Math.Clamp(_needed, ProbeBytesMin, ProbeBytesMax)))
            probe.Sync();
        directory.Delete(ProbeFile);
    }
}
