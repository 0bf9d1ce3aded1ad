namespace Temporalio.Worker.Tuning;

/// <summary>Says how many tasks of one kind a worker runs at a time: <see cref="FixedSizeSlotSupplier"/> or a <see cref="CustomSlotSupplier"/>.</summary>
public abstract class SlotSupplier
{
    internal SlotSupplier()
    {
    }
}

/// <summary>So many at a time.</summary>
public sealed class FixedSizeSlotSupplier : SlotSupplier
{
    public FixedSizeSlotSupplier(int slotCount) => SlotCount = slotCount;

    public int SlotCount { get; }
}

/// <summary>
/// Decides by itself. Its methods are called from any thread, several at a time. What they throw is logged; a
/// reservation that throws is asked for again after a second.
/// </summary>
public abstract class CustomSlotSupplier : SlotSupplier
{
    /// <summary>Waits until there is a slot. A poll follows; the slot may come back unused.</summary>
    /// <param name="ctx">For what.</param>
    /// <param name="cancellationToken">Cancelled when the worker stops.</param>
    public abstract Task<SlotPermit> ReserveSlotAsync(SlotReserveContext ctx, CancellationToken cancellationToken);

    /// <summary>A slot if there is one now, else null. Must not block.</summary>
    public abstract SlotPermit? TryReserveSlot(SlotReserveContext ctx);

    /// <summary>A task has come for a slot. Must not block.</summary>
    public abstract void MarkSlotUsed(SlotMarkUsedContext ctx);

    /// <summary>A slot is free again, whether a task has used it or not. Must not block.</summary>
    public abstract void ReleaseSlot(SlotReleaseContext ctx);
}
