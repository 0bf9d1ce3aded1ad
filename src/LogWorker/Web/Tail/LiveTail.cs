using LogPipeline.Worker.Files;

namespace LogPipeline.Worker.Web.Tail;

/// <summary>
/// Keeps the last batches that were written, and hands each reader those that come. The writer waits for nobody: it leaves a
/// reference, whose lines a reader looks at by itself.
/// </summary>
sealed class LiveTail
{
    /// <summary>Readers at a time; each has a connection of its own.</summary>
    public const int ReadersMax = 20;

    const long RecentBytesMax = 4 << 20;
    const int RecentBatchesMax = 1000;

    readonly Lock _gate = new();
    readonly TailQueue _recent = new(RecentBytesMax, RecentBatchesMax);
    readonly List<TailReader> _readers = [];

    /// <summary>A batch is on the disk.</summary>
    public void Write(PreparedBatch batch)
    {
        if (batch.Lines.IsEmpty) return;
        var written = new TailBatch(batch.Id.ToString(), batch.Lines, batch.Parts);
        lock (_gate)
        {
            _recent.Add(written);
            foreach (var reader in _readers) reader.Write(written);
        }
    }

    /// <summary>A reader of what is to come, and what came before it; null: there are enough.</summary>
    public (TailReader Reader, TailBatch[] Recent)? TryOpen()
    {
        lock (_gate)
        {
            if (_readers.Count == ReadersMax) return null;
            var reader = new TailReader(Close);
            _readers.Add(reader);
            return (reader, _recent.Copy());
        }
    }

    void Close(TailReader reader)
    {
        lock (_gate) _readers.Remove(reader);
    }
}
