using LogPipeline.Worker.Claims;

namespace LogPipeline.Worker.Files;

/// <summary>
/// What a ledger's receipts hold, also those of earlier processes, and those that have expired since this one began.
/// </summary>
/// <param name="Batches">Batches with a receipt.</param>
/// <param name="Records">Their lines.</param>
/// <param name="Bytes">The lines' bytes.</param>
/// <param name="Filtered">Records that have no line, as their level is under their channel's least.</param>
sealed record LedgerTotals(long Batches, long Records, long Bytes, long Filtered)
{
    public static readonly LedgerTotals None = new(0, 0, 0, 0);

    public LedgerTotals With(LedgerEntry entry) => new(Batches + 1, Records + entry.Parts.Sum(part => (long)part.RecordCount),
        Bytes + entry.Parts.Sum(part => (long)part.Length), Filtered + entry.Filtered);
}
