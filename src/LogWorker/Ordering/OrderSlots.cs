using Temporalio.Worker.Tuning;

namespace LogPipeline.Worker.Ordering;

/// <summary>A batch that waits lends its slot out, or a full worker would keep out those that are waited for.</summary>
sealed class OrderSlots(int count) : CustomSlotSupplier
{
    readonly SemaphoreSlim _free = new(count);

    /// <summary>Lends out a slot that is in use.</summary>
    public void Lend() => _free.Release();

    /// <summary>Ends the loan. Where no slot is free now, one that becomes free pays it back.</summary>
    public void TakeBack() => _ = _free.WaitAsync();

    public override async Task<SlotPermit> ReserveSlotAsync(SlotReserveContext ctx, CancellationToken token)
    {
        await _free.WaitAsync(token).ConfigureAwait(false);
        return new SlotPermit();
    }

    public override SlotPermit? TryReserveSlot(SlotReserveContext ctx) => _free.Wait(0) ? new SlotPermit() : null;

    public override void MarkSlotUsed(SlotMarkUsedContext ctx) { }

    public override void ReleaseSlot(SlotReleaseContext ctx) => _free.Release();
}
