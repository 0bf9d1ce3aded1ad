namespace LogPipeline.Worker.Claims;

/// <summary>
/// Says which worker writes a batch, where several do. For the writer's loop alone. Every verb may throw
/// <see cref="ClaimsUnavailableException"/>: nothing is known then, and nothing new may be begun.
/// </summary>
interface IBatchClaims : IAsyncDisposable
{
    /// <summary>
    /// First in each life of the writer, when its ledger is read: what an earlier life had claimed and not begun is released.
    /// </summary>
    /// <param name="begun">Batches with an intent alone.</param>
    /// <param name="find">The receipt of a batch, or null.</param>
    /// <returns>Those of the begun ones that another worker has written or is writing.</returns>
    Task<IReadOnlySet<BatchId>> ResumeAsync(IReadOnlyCollection<BatchId> begun, Func<BatchId, LedgerEntry?> find);

    /// <summary>Asks for batches, before anything of them is written. One that is not in the answer is this worker's.</summary>
    Task<IReadOnlyDictionary<BatchId, Claim>> ClaimAsync(IReadOnlyCollection<BatchId> batches);

    /// <summary>Just before the lines are written: throws when what was claimed may be another's by now.</summary>
    /// <exception cref="ClaimsLostException">It may.</exception>
    void RequireClaims();

    /// <summary>The lines are in the files, and these are synced. Given again, it does nothing.</summary>
    /// <returns>Batches that another worker took meanwhile; copies of their lines are there or will be.</returns>
    Task<IReadOnlyList<string>> ReceiveAsync(IReadOnlyCollection<LedgerEntry> entries);

    /// <summary>Those of the batches that other workers have written: nothing here needs to wait for them.</summary>
    Task<IReadOnlySet<BatchId>> ElsewhereAsync(IReadOnlyCollection<BatchId> batches);
}

/// <summary>Why a batch is not this worker's to write.</summary>
abstract record Claim(string Worker)
{
    /// <summary>It is in another worker's files.</summary>
    public sealed record Written(string Worker, LedgerEntry Entry) : Claim(Worker);

    /// <summary>Another worker writes it, or will when it is back.</summary>
    public sealed record Held(string Worker, string Since) : Claim(Worker);
}

/// <summary>Nobody can be asked now who writes what; batches wait in Temporal meanwhile.</summary>
sealed class ClaimsUnavailableException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>This worker was not heard of for so long that another may have taken what it had claimed.</summary>
sealed class ClaimsLostException(string message) : IOException(message);
