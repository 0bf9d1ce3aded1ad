using LogPipeline.Publisher.Queue;

namespace LogPipeline.Publisher.Spool;

/// <summary>Something on disk of which batches are made, one after the other. Owned by the publish loop.</summary>
interface ISpooled : IDisposable
{
    /// <summary>The application whose records these are.</summary>
    string Source { get; }

    /// <summary>The batch that goes next; null: nothing waits.</summary>
    BatchId? NextId { get; }

    /// <summary>Bytes on disk.</summary>
    long Bytes { get; }

    /// <summary>When the oldest waiting event was logged; null: nothing waits.</summary>
    DateTimeOffset? OldestAt { get; }

    /// <summary>
    /// The batch that goes next, the same until it is <see cref="Done"/>. Null: nothing whole is left of it.
    /// </summary>
    /// <param name="previous">What goes before it, if nothing here does.</param>
    /// <param name="onLost">Called with the number of records that can no longer be read.</param>
    /// <exception cref="IOException">The disk cannot be read, or cannot be written; nothing has changed.</exception>
    FrozenBatch? Next(BatchId? previous, Action<long> onLost);

    /// <summary>The batch is in Temporal, or was refused for good and set aside.</summary>
    /// <exception cref="IOException">The disk cannot be written; a later process will offer the batch again, which is
    /// harmless.</exception>
    void Done(bool accepted);

    /// <summary>Nothing waits any more: its files go.</summary>
    void End();
}
