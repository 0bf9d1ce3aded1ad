using LogPipeline.Worker.Claims;

namespace LogPipeline.Worker.Files;

// Where several workers take batches, a group is claimed before its intents and received after its lines: so a batch is
// written by one of them, whichever gets it from Temporal first or again. The claims decide; the ledger here has what
// is begun.

sealed partial class LogWriter
{
    static readonly TimeSpan ElsewhereInterval = TimeSpan.FromMilliseconds(50);
    const int ElsewhereMax = 100_000;

    // Owned by the loop. Null: no other worker writes.
    readonly IBatchClaims? _claims;
    readonly HashSet<BatchId> _elsewhere = [];
    long? _elsewhereAt;

    TimeSpan UntilNextCheck() => _claims is not null && _held.UntilNextExpiry() is var expiry
        && expiry > ElsewhereInterval ? ElsewhereInterval : _held.UntilNextExpiry();

    bool IsWritten(BatchId id) => _life!.Ledger.Contains(id) || _elsewhere.Contains(id);

    static async Task FinishSharedAsync(WriterLife life, IBatchClaims claims)
    {
        var ledger = life.Ledger;
        var begun = ledger.Begun.Select(batch => batch.Entry.Id).ToHashSet();
        var lost = await claims.ResumeAsync(begun, ledger.Find).ConfigureAwait(false);
        await claims.ReceiveAsync(life.FinishBegun(lost)).ConfigureAwait(false);
    }

    /// <summary>Claims the group, and answers the batches that other workers have.</summary>
    async Task ClaimGroupAsync()
    {
        if (_claims is null) return;
        var wanted = _group.Select(request => request.Batch.Id).Where(id => !_life!.Ledger.Contains(id)).ToHashSet();
        if (wanted.Count == 0) return;
        var claims = await _claims.ClaimAsync(wanted).ConfigureAwait(false);
        foreach (var request in _group)
            if (claims.TryGetValue(request.Batch.Id, out var claim)) Decline(request, claim);
        _group.RemoveAll(request => claims.ContainsKey(request.Batch.Id));
    }

    /// <summary>Answers a batch that another worker has.</summary>
    static void Decline(Request request, BatchClaim claim)
    {
        var batch = request.Batch;
        if (claim.Receipt is { } receipt)
        {
            request.Outcome = batch.IsSame(receipt)
                ? new WriteOutcome(receipt, AlreadyWritten: true, claim.Worker) : null;
            request.Complete();
            return;
        }
        request.Answer.TrySetException(new BatchNotWrittenException(
            $"Batch {batch.Id} is claimed by worker {claim.Worker} ({claim.State}), which finishes it; it is tried "
            + $"again until that worker has, or is given up."));
    }

    /// <summary>Records at the claims that the group is in the files.</summary>
    async Task ReceiveGroupAsync()
    {
        if (_claims is null) return;
        LedgerEntry[] entries = [.. _group.Select(request => request.Outcome?.Entry).OfType<LedgerEntry>()
            .DistinctBy(entry => entry.Batch)];
        var taken = await _claims.ReceiveAsync(entries).ConfigureAwait(false);
        if (taken.Count > 0) _observer?.OnCopied(taken);
    }

    /// <summary>Finds out, at intervals, which predecessors other workers have written.</summary>
    async Task FindElsewhereAsync()
    {
        if (_claims is null || _life is null
            || (_elsewhereAt is { } at && _time.GetElapsedTime(at) < ElsewhereInterval)) return;
        var missing = _held.Missing(IsWritten);
        if (missing.Count == 0) return;
        _elsewhereAt = _time.GetTimestamp();
        if (_elsewhere.Count > ElsewhereMax) _elsewhere.Clear();
        try
        {
            _elsewhere.UnionWith(await _claims.ElsewhereAsync(missing).ConfigureAwait(false));
        }
        catch (ClaimsUnavailableException)
        {
            // They wait on, as they would for one that has not come.
        }
    }
}
