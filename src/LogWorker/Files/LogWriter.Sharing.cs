using LogPipeline.Worker.Claims;
using LogPipeline.Worker.Ordering;

namespace LogPipeline.Worker.Files;

// Where several workers take batches, a group is claimed before its intents and received after its lines: so a batch is
// written by one of them, whoever gets it from Temporal first or again. The claims decide, the ledger here says what is begun.

sealed partial class LogWriter
{
    static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    // Owned by the loop. Null: nobody else writes.
    readonly IBatchClaims? _claims;
    long? _lookedAt;

    bool IsPlaced(BatchId id) => _life!.Ledger.Has(id);

    static async Task FinishSharedAsync(WriterLife life, IBatchClaims claims)
    {
        var ledger = life.Ledger;
        var begun = ledger.Begun.Select(batch => batch.Entry.Id).ToHashSet();
        var lost = await claims.ResumeAsync(begun, ledger.Find).ConfigureAwait(false);
        await claims.ReceiveAsync(life.FinishBegun(lost)).ConfigureAwait(false);
    }

    /// <summary>Keeps of the group what is this worker's, and answers the rest.</summary>
    async Task ClaimGroupAsync()
    {
        if (_claims is null) return;
        var wanted = _group.Select(request => request.Batch.Id).Where(id => !_life!.Ledger.Has(id)).ToHashSet();
        if (wanted.Count == 0) return;
        var claims = await _claims.ClaimAsync(wanted).ConfigureAwait(false);
        _group = _group.FindAll(request => !claims.TryGetValue(request.Batch.Id, out var claim) || !Decline(request, claim));
    }

    static bool Decline(Request request, Claim claim)
    {
        var batch = request.Batch;
        switch (claim)
        {
            case Claim.Written written:
                request.Outcome = batch.IsSame(written.Entry) ? new WriteOutcome(written.Entry, AlreadyWritten: true, written.Worker) : null;
                request.Complete();
                return true;
            case Claim.Held held:
                request.Answer.TrySetException(new BatchNotWrittenException(
                    $"Batch {batch.Id} is in the hands of worker {held.Worker} ({held.Since}), which finishes it; it is tried again until that worker has, or is given up."));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Tells the claims that the group is in the files.</summary>
    async Task ReceiveGroupAsync()
    {
        if (_claims is null) return;
        LedgerEntry[] entries = [.. _group.Select(request => request.Outcome?.Entry).OfType<LedgerEntry>().DistinctBy(entry => entry.Batch)];
        var taken = await _claims.ReceiveAsync(entries).ConfigureAwait(false);
        if (taken.Count > 0) _onEvent(new WriterEvent.Copied(taken));
    }

    /// <summary>Says which batches others here wait for, and asks whether another worker has them, now and then.</summary>
    async Task LookElsewhereAsync()
    {
        if (_held.Count == 0) _predecessors.Missing = [];
        if (_life is null || _held.Count == 0 || (_lookedAt is { } at && _time.GetElapsedTime(at) < LookInterval)) return;
        var missing = _predecessors.Missing = _held.Missing(IsPlaced);
        if (missing.Count == 0) return;
        _lookedAt = _time.GetTimestamp();
        if (_claims is null) return;
        try
        {
            foreach (var id in await _claims.ElsewhereAsync(missing).ConfigureAwait(false)) _predecessors[id] = PredecessorPlace.Done;
        }
        catch (ClaimsUnavailableException)
        {
            // They wait on, as they would for one that has not come.
        }
    }
}
