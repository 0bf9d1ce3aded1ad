using LogPipeline.Worker.Claims;

namespace LogPipeline.Worker.Files;

// Nothing is claimed before it is begun: two workers that begin the same batch in the same instant do not see each
// other. Then its lines are in both directories, byte for byte the same. That takes a batch that is tried again while
// its first attempt still runs; a ledger that both ask (PostgresClaims) rules it out.

/// <summary>
/// Workers on one machine, each in its own directory under the same one: each reads the others' ledgers.
/// </summary>
/// <param name="parent">Where all have their directories.</param>
/// <param name="own">The name of this worker's.</param>
/// <param name="options">Bounds of a ledger.</param>
sealed class SiblingClaims(StoreDirectory parent, string own, LogWriterOptions options) : IBatchClaims
{
    readonly SortedDictionary<string, SiblingLedger> _siblings = new(StringComparer.Ordinal);

    public Task<IReadOnlySet<BatchId>> ResumeAsync(IReadOnlyCollection<BatchId> begun,
        Func<BatchId, LedgerEntry?> find) => WrittenAsync(begun);

    public Task<IReadOnlyDictionary<BatchId, BatchClaim>> ClaimAsync(IReadOnlyCollection<BatchId> batches)
    {
        Refresh();
        var claims = new Dictionary<BatchId, BatchClaim>();
        foreach (var id in batches)
            if (ClaimOf(id) is { } claim) claims[id] = claim;
        return Task.FromResult<IReadOnlyDictionary<BatchId, BatchClaim>>(claims);
    }

    public void RequireClaims() { }

    public Task<IReadOnlyList<string>> ReceiveAsync(IReadOnlyCollection<LedgerEntry> entries) =>
        Task.FromResult<IReadOnlyList<string>>([]);

    public Task<IReadOnlySet<BatchId>> ElsewhereAsync(IReadOnlyCollection<BatchId> batches) => WrittenAsync(batches);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    BatchClaim? ClaimOf(BatchId id)
    {
        foreach (var (name, sibling) in _siblings)
            if (sibling.Find(id) is { } entry) return new BatchClaim(name, entry);
        foreach (var (name, sibling) in _siblings)
            if (sibling.HasBegun(id) && sibling.IsAlive) return new BatchClaim(name, null, "it runs");
        return null;
    }

    void Refresh()
    {
        foreach (var name in parent.ListDirectories())
        {
            if (name == own || _siblings.ContainsKey(name) || name.StartsWith('.')) continue;
            if (parent.EntryOf(name) != StoreEntry.Directory) continue;
            var root = parent.Directory(name);
            if (root.EntryOf(LedgerFiles.DirectoryName) == StoreEntry.Directory)
                _siblings[name] = new SiblingLedger(root, options);
        }
        foreach (var sibling in _siblings.Values) sibling.Refresh();
    }

    Task<IReadOnlySet<BatchId>> WrittenAsync(IReadOnlyCollection<BatchId> batches)
    {
        Refresh();
        return Task.FromResult<IReadOnlySet<BatchId>>(batches.Where(id =>
            _siblings.Values.Any(sibling => sibling.Find(id) is not null)).ToHashSet());
    }
}
