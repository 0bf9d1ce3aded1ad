using LogPipeline.Publisher.Buffering;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// Batches in memory that could neither be started nor be put on disk, oldest first. Two at most: the one that was being started,
/// and one sealed meanwhile; while one waits for the disk no other is sealed. Owned by the publish loop.
/// </summary>
sealed class HeldBatches(TimeProvider time)
{
    readonly List<(FrozenBatch Batch, HeldBatch For)> _batches = [];
    long _addedAt;

    public int Count => _batches.Count;

    public FrozenBatch Oldest => _batches[0].Batch;

    public HeldBatch Kind => _batches.Exists(held => held.For == HeldBatch.ForDisk) ? HeldBatch.ForDisk : Count > 0 ? HeldBatch.Undecided : HeldBatch.None;

    /// <summary>Since one was added.</summary>
    public TimeSpan Age => time.GetElapsedTime(_addedAt);

    public void Add(FrozenBatch batch, HeldBatch heldFor)
    {
        var at = _batches.FindIndex(held => held.Batch.Header.FirstSequence > batch.Header.FirstSequence);
        _batches.Insert(at < 0 ? Count : at, (batch, heldFor));
        _addedAt = time.GetTimestamp();
    }

    public FrozenBatch TakeOldest() => Take(0);

    public FrozenBatch TakeForDisk() => Take(_batches.FindIndex(held => held.For == HeldBatch.ForDisk));

    FrozenBatch Take(int at)
    {
        var batch = _batches[at].Batch;
        _batches.RemoveAt(at);
        return batch;
    }
}
