namespace LogPipeline.Worker.Claims;

/// <summary>
/// Assigns batches to workers, where several write. For the writer's loop alone. Every method may throw
/// <see cref="ClaimsUnavailableException"/>: nothing is known then, and nothing new may be begun.
/// </summary>
interface IBatchClaims : IAsyncDisposable
{
    /// <summary>
    /// First in each life of the writer, when its ledger is read: what an earlier life had claimed and not begun is
    /// released.
    /// </summary>
    /// <param name="begun">Batches with an intent alone.</param>
    /// <param name="find">The receipt of a batch, or null.</param>
    /// <returns>Those of the begun ones that another worker has written or is writing.</returns>
    Task<IReadOnlySet<BatchId>> ResumeAsync(IReadOnlyCollection<BatchId> begun, Func<BatchId, LedgerEntry?> find);

    /// <summary>
    /// Claims batches, before anything of them is written. One that is not in the answer is this worker's.
    /// </summary>
    Task<IReadOnlyDictionary<BatchId, BatchClaim>> ClaimAsync(IReadOnlyCollection<BatchId> batches);

    /// <summary>Just before the lines are written: throws when what was claimed may be another's by now.</summary>
    /// <exception cref="IOException">The lease has run out, so another worker may have taken it.</exception>
    void RequireClaims();

    /// <summary>The lines are in the files, and these are synced. Given again, it does nothing.</summary>
    /// <returns>Batches that another worker took meanwhile; copies of their lines are there or will be.</returns>
    Task<IReadOnlyList<string>> ReceiveAsync(IReadOnlyCollection<LedgerEntry> entries);

    /// <summary>Those of the batches that other workers have written: nothing here needs to wait for them.</summary>
    Task<IReadOnlySet<BatchId>> ElsewhereAsync(IReadOnlyCollection<BatchId> batches);
}
