namespace LogPipeline.Worker.Ordering;

/// <summary>A batch in line to be written.</summary>
/// <param name="hurry">Cancelled: it waits briefly, as its slot is needed by others, or the worker ends.</param>
/// <param name="gone">Cancelled: nobody waits for it any more.</param>
class OrderedBatch(
    BatchId id, BatchId? previous, int bytes, bool isUrgent, CancellationToken hurry, CancellationToken gone)
{
    public BatchId Id => id;
    public BatchId? Previous { get; } = IsCircle(id, previous) ? null : previous;
    public string Name { get; } = id.ToString();
    public (string Source, string Instance) Run => RunOf(id);
    public int Bytes => bytes;
    // Also where its lines are few a batch takes some memory: its task, its workflow.
    public int Cost => Math.Max(bytes, 8 << 10);
    public bool IsUrgent => isUrgent;
    public bool IsInHurry => hurry.IsCancellationRequested;
    public bool IsGone => gone.IsCancellationRequested;

    // The queue's own.
    public long Since { get; set; }
    public bool HasLentSlot { get; set; }

    public static (string Source, string Instance) RunOf(BatchId id) => (id.Source, id.Instance);

    static bool IsCircle(BatchId id, BatchId? previous) =>
        previous is { } one && RunOf(one) == RunOf(id) && one.FirstSequence >= id.FirstSequence;
}
