using System.Collections.Concurrent;
using System.Text.Json;
using LogPipeline.Worker.Files;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Activities;

// Order holds within a source, and tasks reach a worker in any order: after a crash, from a queue of several partitions, and
// an urgent batch before all others. So what a batch stands behind may be deep in the task queue. It is fetched from there by
// name and written in order; when its own workflow comes up it finds its receipt.

/// <summary>Writes the batches that one stands behind and that wait in Temporal still.</summary>
sealed class Predecessors(BatchWriter writer, TimeProvider time)
{
    /// <summary>Batches that are fetched and written together; fewer than may wait in the writer.</summary>
    const int GroupCount = 16;

    // With the waits before and after it shorter than the local activity may take.
    static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(5);

    // Bounds the memory that they take.
    readonly SemaphoreSlim _turns = new(2);
    readonly Dictionary<(string Source, string Instance), Task> _running = [];

    // What is left to bring of rows that were asked for and got along. A list of thousands takes the server seconds.
    const int RowsKept = 16;
    readonly ConcurrentDictionary<(string Source, string Instance), Queue<BatchId>> _rows = [];

    /// <param name="client">Decodes with the worker's codec.</param>
    /// <param name="header">The batch that waits.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<PredecessorState> BringAsync(ITemporalClient client, LogBatchHeader header, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var row = (header.Source, header.Instance);
        Task? running;
        lock (_running)
        {
            if (!_running.TryGetValue(row, out running)) _running[row] = done.Task;
        }
        if (running is not null)
        {
            // Another one of the same row brings them.
            await Task.WhenAny(running, Task.Delay(TimeMax, time, cancellationToken)).ConfigureAwait(false);
            return running.IsCompleted ? PredecessorState.Moved : PredecessorState.InLine;
        }
        try
        {
            return await BringInTurnAsync(client, header, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_running) _running.Remove(row);
            done.SetResult();
        }
    }

    async Task<PredecessorState> BringInTurnAsync(ITemporalClient client, LogBatchHeader header, CancellationToken cancellationToken)
    {
        if (!await _turns.WaitAsync(TimeMax, cancellationToken).ConfigureAwait(false)) return PredecessorState.InLine;
        try
        {
            return await BringAsync(new WaitingBatches(client, cancellationToken), header.PreviousId!.Value, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or RpcTimeoutOrCanceledException or PayloadNotReadableException or JsonException or ApplicationFailureException
            or NewerBatchException or BatchNotWrittenException or PredecessorMissingException or IOException)
        {
            // Whoever cannot be fetched or written now is waited for as usual.
            return PredecessorState.Unknown;
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>Writes the row up to and with this batch, the oldest first.</summary>
    async Task<PredecessorState> BringAsync(WaitingBatches batches, BatchId last, CancellationToken cancellationToken)
    {
        if ((await batches.FindAsync(last).ConfigureAwait(false)).Place is var place and not BatchPlace.Waiting) return place.ToState();
        var key = (last.Source, last.Instance);
        if (!_rows.TryRemove(key, out var row) || !row.Contains(last)) row = await batches.RowAsync(last).ConfigureAwait(false);
        var state = await BringAsync(batches, row, last, time.GetTimestamp(), cancellationToken).ConfigureAwait(false);
        if (row.Count > 0 && _rows.Count < RowsKept) _rows[key] = row;
        return state;
    }

    async Task<PredecessorState> BringAsync(WaitingBatches batches, Queue<BatchId> row, BatchId last, long since, CancellationToken cancellationToken)
    {
        var before = new RowPlace(null, BatchPlace.Done);
        var ids = new List<BatchId>(GroupCount);
        while (before.Id != last)
        {
            if (before.Id is not null && time.GetElapsedTime(since) > TimeMax) return PredecessorState.InLine;
            ids.Clear();
            while (ids.Count < GroupCount && (ids.Count == 0 || ids[^1] != last)) ids.Add(row.Dequeue());
            var group = await Task.WhenAll(ids.Select(batches.FindAsync)).ConfigureAwait(false);
            var writes = new List<Task>(GroupCount);
            foreach (var (id, batch) in ids.Zip(group))
            {
                if (batch.Place == BatchPlace.Waiting) writes.Add(WriteAsync(batches, batch, before, cancellationToken));
                before = new RowPlace(id, batch.Place);
            }
            await Task.WhenAll(writes).ConfigureAwait(false);
        }
        return before.Place.ToState();
    }

    async Task WriteAsync(WaitingBatches batches, WaitingBatch batch, RowPlace before, CancellationToken cancellationToken)
    {
        var header = batch.Header!;
        var order = OrderWait.Default;
        if (header.PreviousId is { } previous)
        {
            var state = previous == before.Id ? before.Place.ToState()
                : previous.Instance == header.Instance ? (await batches.FindAsync(previous).ConfigureAwait(false)).Place.ToState()
                // An earlier run of the application has left it.
                : await BringAsync(batches, previous, cancellationToken).ConfigureAwait(false);
            if (state == PredecessorState.Done) order = order with { IsSettled = true };
            if (state == PredecessorState.Lost) header = header with { Previous = null };
        }
        // A batch's name is its workflow's id.
        await writer.WriteAsync(header.Id.ToString(), header, LogProcessingActivity.DataOf(batch.Records!), order, cancellationToken).ConfigureAwait(false);
    }

    readonly record struct RowPlace(BatchId? Id, BatchPlace Place);
}

/// <summary>What is known of the batches before one.</summary>
enum PredecessorState
{
    /// <summary>It is in a worker's hands, or could not be asked for.</summary>
    Unknown,

    /// <summary>It was fetched and is written now, or somebody has done so meanwhile.</summary>
    Moved,

    /// <summary>Its workflow has ended well: it is in another worker's files, or a dead letter.</summary>
    Done,

    /// <summary>Its workflow was ended by somebody, or is not known to Temporal.</summary>
    Lost,

    /// <summary>It waits behind more than can be brought at once, or others are being helped.</summary>
    InLine,
}

static class BatchPlaceExtensions
{
    /// <summary>What a place means to the batch behind, once those that wait are written.</summary>
    public static PredecessorState ToState(this BatchPlace place) => place switch
    {
        BatchPlace.Waiting => PredecessorState.Moved,
        BatchPlace.Done => PredecessorState.Done,
        BatchPlace.Lost => PredecessorState.Lost,
        _ => PredecessorState.Unknown,
    };
}
