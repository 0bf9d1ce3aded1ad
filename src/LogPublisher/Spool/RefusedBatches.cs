using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Queue;

namespace LogPipeline.Publisher.Spool;

/// <summary>Batches that Temporal refuses for good, as files under <c>refused</c>: nobody sends their records any more.</summary>
/// <param name="root">The spool.</param>
/// <param name="bytesMax">Most bytes that one process sets aside.</param>
sealed class RefusedBatches(StoreDirectory root, long bytesMax)
{
    const string DirectoryName = "refused";

    long _bytes;

    /// <summary>Keeps a batch as a readable file, which survives a power cut.</summary>
    /// <returns>The file's path; null: the disk refuses too, or the bound is reached.</returns>
    public string? TryKeep(FrozenBatch batch)
    {
        if (_bytes + batch.Records.Length > bytesMax) return null;
        try
        {
            var directory = root.Directory(DirectoryName);
            var name = string.Create(CultureInfo.InvariantCulture, $"{batch.Id.Source}.{batch.Id.Instance}.{batch.Id.FirstSequence:d12}.json");
            using var file = directory.Open(name, StoreOpen.ExistingOrNew);
            file.SetLength(0);
            file.Write(batch.Records, 0);
            file.Sync();
            directory.Sync();
            _bytes += batch.Records.Length;
            return Path.Combine(directory.Path, name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
