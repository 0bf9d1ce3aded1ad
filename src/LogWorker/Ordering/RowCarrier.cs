using LogPipeline.Worker.Files;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Ordering;

// Order holds within a source, and tasks reach a worker in any order: after a crash, from a queue of several
// partitions, and an urgent batch before all others. So what a batch stands behind may be deep in the task queue. It is
// fetched from there by name and written in order; when its own workflow comes up it finds its receipt.
//
// One carrier does so for all that wait in a row, for longer than any of them may wait: a worker full of batches that
// each bring a little, go back and come again keeps Temporal too busy to answer.

/// <summary>Writes the batches of a row that wait here, and before them those that wait in Temporal still.</summary>
sealed class RowCarrier((string Source, string Instance) key, WaitingRow row, BatchWriter writer, RowWalk walk,
    Crowd crowd, ITemporalClient client, TimeProvider time)
{
    /// <summary>Batches that are fetched and written together; fewer than may wait in the writer.</summary>
    const int GroupCount = 16;

    /// <summary>Then another row has its turn.</summary>
    static readonly TimeSpan TurnMax = TimeSpan.FromSeconds(5);

    static readonly TimeSpan TurnLook = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a batch that somebody has in hands is left alone; turns are few.</summary>
    static readonly Backoff StillBackoff = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(1600));

    readonly WaitingBatches _batches = new(client, time, CancellationToken.None);

    /// <summary>Returns when nobody waits any more.</summary>
    public async Task RunAsync(SemaphoreSlim turns)
    {
        var looks = 0;
        while (!row.TryClose())
        {
            while (!await turns.WaitAsync(TurnLook).ConfigureAwait(false))
            {
                // In line for its turn is in line; where slots are scarce that is waited for in Temporal.
                if (!crowd.Stands(key)) row.Moved();
                if (crowd.IsDense) GoBack();
                if (row.TryClose()) return;
            }
            bool hasMoved;
            try
            {
                hasMoved = await CarryAsync().ConfigureAwait(false);
            }
            finally
            {
                turns.Release();
            }
            if (hasMoved)
            {
                looks = 0;
                crowd.Moved(key);
                continue;
            }
            crowd.Stood(key);
            if (crowd.IsDense) GoBack();
            await StandAsync(StillBackoff.After(looks++)).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for the next look, or for something here that makes one worthwhile.</summary>
    async Task StandAsync(TimeSpan max)
    {
        var newest = row.Joins;
        for (var passed = TimeSpan.Zero; passed < max; passed += StillBackoff.First)
        {
            await Task.Delay(StillBackoff.First, time).ConfigureAwait(false);
            var members = row.Members();
            if (members.Count == 0 || row.Joins != newest || members.Any(IsNext)) return;
        }
    }

    bool IsNext(RowMember member) =>
        writer.HasWritten(member.Id) || (member.Batch.Header?.PreviousId is { } previous && writer.HasWritten(previous));

    void GoBack()
    {
        foreach (var member in row.Members()) member.GoBack();
    }

    async Task<bool> CarryAsync()
    {
        var since = time.GetTimestamp();
        try
        {
            await CarryAsync(since).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or RpcTimeoutOrCanceledException
            or BatchNotWrittenException or PredecessorMissingException)
        {
            // Whoever cannot be fetched or written now is waited for as usual.
        }
        catch (Exception e)
        {
            // The edge of the loop: whatever it was, it is seen at the workflows of those that wait.
            foreach (var member in row.Members()) member.Failed(e);
        }
        return row.HasMovedSince(since);
    }

    async Task CarryAsync(long since)
    {
        var members = row.Members();
        foreach (var member in members)
            if (writer.HasWritten(member.Id)) await WriteAsync(member.Id, member.Batch, BatchPlace.Done).ConfigureAwait(false);
        BatchId? stop = null;
        foreach (var member in members)
        {
            // What is in somebody's hands stops those behind it, and not those before it.
            if (member.Receipt.IsCompleted || member.Id.FirstSequence >= stop?.FirstSequence) continue;
            if (await walk.BackAsync(FindAsync, member.Id, TurnMax - time.GetElapsedTime(since))
                .ConfigureAwait(false) is not var (waiting, place, id))
            {
                // As far as it came is remembered.
                row.Moved();
                return;
            }
            if (place != BatchPlace.InHands)
            {
                await BringAsync(waiting, place, since).ConfigureAwait(false);
                return;
            }
            stop = id;
            if (stop?.Instance != member.Id.Instance) return;
        }
    }

    /// <summary>Writes a row, the oldest first, one group at least.</summary>
    async Task BringAsync(Stack<BatchId> waiting, BatchPlace before, long since)
    {
        var ids = new List<BatchId>(GroupCount);
        do
        {
            ids.Clear();
            while (ids.Count < GroupCount && waiting.TryPop(out var id)) ids.Add(id);
            before = await BringGroupAsync(ids, before).ConfigureAwait(false);
            foreach (var id in ids) walk.Forget(id);
        }
        while (before != BatchPlace.InHands && waiting.Count > 0 && time.GetElapsedTime(since) < TurnMax);
    }

    /// <returns>The place of the last that was looked at.</returns>
    async Task<BatchPlace> BringGroupAsync(List<BatchId> ids, BatchPlace before)
    {
        var writes = new List<Task>(GroupCount);
        var found = await Task.WhenAll(ids.Select(FindAsync)).ConfigureAwait(false);
        foreach (var (id, batch) in ids.Zip(found))
        {
            if (batch.Place == BatchPlace.Waiting) writes.Add(WriteAsync(id, batch, before));
            before = batch.Place;
            if (before == BatchPlace.InHands) break;
        }
        await Task.WhenAll(writes).ConfigureAwait(false);
        if (writes.Count > 0) row.Moved();
        return before;
    }

    async Task WriteAsync(BatchId id, WaitingBatch batch, BatchPlace before)
    {
        var member = row.Find(id);
        var header = before == BatchPlace.Lost && batch.Header is { } lonely
            ? lonely with { Previous = null } : batch.Header;
        try
        {
            // A batch's name is its workflow's id, whatever its header says.
            var receipt = await writer.WriteAsync(id.ToString(), header, batch.Records,
                isSettled: before == BatchPlace.Done).ConfigureAwait(false);
            member?.Written(receipt);
        }
        catch (Exception e) when (e is not PredecessorMissingException)
        {
            // Its own failure, which its own workflow shows; those behind it wait as for any that does not come.
            member?.Failed(e);
            throw new BatchNotWrittenException($"Batch {id} was not written: {e.Message}", e);
        }
    }

    // Temporal has those in hands that wait here.
    Task<WaitingBatch> FindAsync(BatchId id) =>
        row.Find(id) is { } member ? Task.FromResult(member.Batch) : _batches.FindAsync(id);
}
