namespace LogPipeline.Worker.Web.Tail;

/// <summary>The newest batches up to a bound; the oldest give way. For one thread at a time.</summary>
/// <param name="bytesMax">Most bytes of lines; a single batch may have more.</param>
/// <param name="batchesMax">Most batches.</param>
sealed class TailQueue(long bytesMax, int batchesMax)
{
    readonly Queue<TailBatch> _batches = new();
    long _bytes;

    /// <returns>How many records gave way.</returns>
    public int Add(TailBatch batch)
    {
        _batches.Enqueue(batch);
        _bytes += batch.Lines.Length;
        var dropped = 0;
        while (_batches.Count > 1 && (_bytes > bytesMax || _batches.Count > batchesMax))
        {
            var oldest = _batches.Dequeue();
            _bytes -= oldest.Lines.Length;
            dropped += oldest.Records;
        }
        return dropped;
    }

    public TailBatch[] Copy() => [.. _batches];

    public TailBatch[] TakeAll()
    {
        var all = Copy();
        _batches.Clear();
        _bytes = 0;
        return all;
    }
}
