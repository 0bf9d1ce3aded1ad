using System.Threading.Channels;
using LogPipeline.Worker.Claims;

namespace LogPipeline.Worker.Files;

// One loop owns the ledger and the files. It takes all batches that wait (they arrived while the last group was being
// synced) and carries them through as one group:
//
//   1. ranges     are allocated: each part gets a file and an offset
//   2. intents    batch, ranges and lines go to the ledger; one sync for the group
//   3. lines      are written to their ranges; one sync for each file touched
//   4. receipts   are committed, callers are answered
//
// Anything that goes wrong on the way ends this life of the writer: all handles are closed, the group's callers get the
// error, and the next group begins with the same recovery as a new process: begun batches are finished first. So there
// is one path to a sound state and not one for each error, and while the disk is full or failing nothing new is begun.

/// <summary>
/// Writes each batch once, also across crashes: a batch that is tried again gets the answer of the first time, or
/// the same bytes in the same ranges.
/// </summary>
sealed partial class LogWriter : IAsyncDisposable
{
    /// <summary>A predecessor that is on its way comes within that.</summary>
    static readonly TimeSpan BriefWait = TimeSpan.FromMilliseconds(250);

    readonly StoreDirectory _root;
    readonly LogWriterOptions _options;
    readonly TimeProvider _time;
    readonly IWriterObserver? _observer;
    readonly Channel<Request> _requests;
    readonly DirectoryOwnership _ownership;
    Task? _loop;

    // Owned by the loop.
    readonly HoldBack<Request> _held;
    List<Request> _group = [];
    readonly RecoveryBackoff _backoff;
    readonly FreeSpaceGuard _freeSpace;
    readonly SteadyClock _clock;
    readonly Upkeep _upkeep;
    volatile WriterLife? _life;

    /// <param name="root">The log directory.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="time">Gives the day on which lines are written.</param>
    /// <param name="observer">Receives what happens, on the writer's loop.</param>
    /// <param name="claims">Assign batches to workers, where several write; null: this one is alone. The writer
    /// disposes them.</param>
    public LogWriter(StoreDirectory root, LogWriterOptions options, TimeProvider time, IWriterObserver? observer = null,
        IBatchClaims? claims = null)
    {
        (_root, _options, _time, _observer, _claims) = (root, options, time, observer, claims);
        _backoff = new RecoveryBackoff(time);
        _ownership = new DirectoryOwnership(root,
            $"logworker, pid {Environment.ProcessId} on {Environment.MachineName}");
        _freeSpace = new FreeSpaceGuard(root, options.FreeBytesMin);
        _clock = new SteadyClock(time, by => _observer?.OnClockJumped(by));
        _upkeep = new Upkeep(root, options, time, _clock, observer);
        var wait = options.OrderWaitMax < BriefWait ? options.OrderWaitMax : BriefWait;
        _held = new HoldBack<Request>(wait, options.OrderWaitingMax, time, request => request.Batch);
        _requests =
            Channel.CreateBounded<Request>(new BoundedChannelOptions(options.WaitingMax) { SingleReader = true });
    }

    /// <summary>False when it was not started, or has ended.</summary>
    public bool IsRunning => _loop is { IsCompleted: false };

    /// <summary>
    /// Whether a batch is in its files by the ledger here; false also while the disk is away. From any thread.
    /// </summary>
    public bool HasWritten(BatchId id) => _life is { } life && life.Ledger.Contains(id);

    /// <summary>What the ledger here knows as written; null while the disk is away. From any thread.</summary>
    public LedgerTotals? Totals => _life?.Ledger.Totals;

    /// <summary>Takes the directory, finishes what an earlier life began, and starts to write.</summary>
    /// <exception cref="DirectoryOwnedException">Another worker has the directory.</exception>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public void Start()
    {
        if (_loop is not null) throw new InvalidOperationException("The writer was started already.");
        _ownership.Take();
        try
        {
            _life = RecoverAsync(isFirst: true).GetAwaiter().GetResult();
        }
        catch (ClaimsUnavailableException e)
        {
            // They may soon answer again.
            Fail(e);
        }
        catch
        {
            _ownership.Dispose();
            throw;
        }
        _loop = Task.Run(RunAsync);
    }

    /// <summary>
    /// Returns when the batch is on the disk. Cancelling ends the waiting, not the writing once that has begun.
    /// </summary>
    /// <exception cref="BatchRefusedException">It can never be written.</exception>
    /// <exception cref="BatchNotWrittenException">It could not be written now; try again.</exception>
    /// <exception cref="PredecessorMissingException">It came before its predecessor; try again a little
    /// later.</exception>
    public async Task<WriteOutcome> WriteAsync(PreparedBatch batch, CancellationToken cancellationToken = default)
    {
        // Before anything of it is in the ledger: what is begun has to be finished.
        if (batch.FaultBy(_options) is { } fault) throw new BatchRefusedException($"Batch {batch.Id} {fault}");
        var request = new Request(batch, cancellationToken);
        try
        {
            await _requests.Writer.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw new BatchNotWrittenException($"Batch {batch.Id} was not written, as this worker is stopping.", e);
        }
        return await request.Answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops intake, writes what waits, syncs and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _requests.Writer.TryComplete();
        if (_loop is not null) await _loop.ConfigureAwait(false);
        await _upkeep.DisposeAsync().ConfigureAwait(false);
        _life?.Dispose();
        if (_claims is not null) await _claims.DisposeAsync().ConfigureAwait(false);
        _ownership.Dispose();
    }

    async Task RunAsync()
    {
        // Syncs block this pool thread; there is one loop, so it is one thread.
        var open = true;
        while (open || _held.Count > 0)
        {
            if (_life is not null && _upkeep.DueIn == TimeSpan.Zero) _upkeep.Run(_life.CloseFile);
            while (_held.Count < _options.WaitingMax && _requests.Reader.TryRead(out var request)) _held.Add(request);
            await FindElsewhereAsync().ConfigureAwait(false);
            if (_held.Count == 0)
            {
                // The disk is tried also while no batch waits.
                if (open && _life is null && _backoff.DueIn == TimeSpan.Zero)
                    await IsAliveAsync().ConfigureAwait(false);
            }
            else if (await IsAliveAsync().ConfigureAwait(false))
            {
                _group = _held.TakeReady(
                    IsWritten, request =>
                        request.Cancellation.IsCancellationRequested, _options.GroupBatchesMax, _options.GroupBytesMax,
                        ReportDisorder);
                if (_group.Count > 0)
                {
                    await WriteGroupAsync().ConfigureAwait(false);
                    continue;
                }
                // When the writer stops nothing more will come here, but it may to another.
                foreach (var request in open ? _held.TakeVain() : _held.TakeAll())
                    request.Answer.TrySetException(
                        new PredecessorMissingException(request.Batch.Id, request.Batch.Previous));
            }
            if (open) open = await WaitAsync().ConfigureAwait(false);
        }
    }

    /// <returns>False when no more batches will come.</returns>
    async Task<bool> WaitAsync()
    {
        var more = _requests.Reader.WaitToReadAsync().AsTask();
        // A writer that waits for its disk does all else when it is back.
        var idle = _life is null ? _backoff.DueIn : _upkeep.DueIn;
        if (_held.Count == 0 && idle == Timeout.InfiniteTimeSpan) return await more.ConfigureAwait(false);
        var wait = _held.Count == 0 ? idle : UntilNextCheck();
        // With as many held as may wait, more cannot be taken, so only time helps.
        if (_held.Count >= _options.WaitingMax) await Task.Delay(wait, _time).ConfigureAwait(false);
        else await ((Task)more.WaitAsync(wait, _time)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !more.IsCompleted || await more.ConfigureAwait(false);
    }

    void ReportDisorder(PreparedBatch batch) => _observer?.OnDisorder(batch);

    /// <summary>
    /// Recovers when the last life has ended, or another program has changed its files. If that fails, so do all that
    /// wait.
    /// </summary>
    async Task<bool> IsAliveAsync()
    {
        try
        {
            if (_life is { } life && life.IsInPlace && _ownership.IsInPlace) return true;
            _life?.Dispose();
            _life = null;
            if (_backoff.TooEarly is { } error)
            {
                _group = _held.TakeAll();
                RefuseGroup(error, NotWritten);
                return false;
            }
            _life = await RecoverAsync(isFirst: false).ConfigureAwait(false);
            return true;
        }
        catch (Exception e)
        {
            _group = _held.TakeAll();
            Fail(e);
            return false;
        }
    }

    async Task WriteGroupAsync()
    {
        try
        {
            _freeSpace.Require(2 * _group.Sum(request => (long)request.Batch.Lines.Length));
            await ClaimGroupAsync().ConfigureAwait(false);
            if (_group.Count == 0) return;
            var outcomes = _life!.Write(_group.Select(request => request.Batch));
            _backoff.Succeeded();
            for (var i = 0; i < _group.Count; i++) _group[i].Outcome = outcomes[i];
            await ReceiveGroupAsync().ConfigureAwait(false);
            foreach (var request in _group) request.Complete();
            _life.Ledger.Recycle();
        }
        catch (ClaimsUnavailableException e)
        {
            // The files here are sound; only the batches' owners are unknown.
            RefuseGroup(e, "waits");
        }
        catch (BatchFaultException e)
        {
            SetAside(e);
        }
        catch (Exception e)
        {
            // The edge of the loop. Going on is right whatever it was, as the next group begins with a recovery from
            // the disk.
            Fail(e);
        }
    }

    /// <summary>Refuses one batch. The others go again, behind a recovery, and the disk is not suspected.</summary>
    void SetAside(BatchFaultException e)
    {
        _life?.Dispose();
        _life = null;
        foreach (var request in _group)
            if (request.Batch.Id == e.Id) request.Answer.TrySetException(new BatchRefusedException(e.Message, e));
            else _held.Add(request);
    }

    void Fail(Exception e)
    {
        _life?.Dispose();
        _life = null;
        _backoff.Failed(e);
        RefuseGroup(e, NotWritten);
    }

    string NotWritten => $"was not written to {_root.Path}";

    /// <summary>Answers the group's callers why nothing of it was written now.</summary>
    void RefuseGroup(Exception e, string what)
    {
        _observer?.OnFailed(_group.Count, e);
        foreach (var request in _group)
            request.Answer.TrySetException(
                new BatchNotWrittenException($"Batch {request.Batch.Id} {what}: {e.Message}", e));
    }

    async Task<WriterLife> RecoverAsync(bool isFirst)
    {
        if (!isFirst)
        {
            if (_ownership.Renew()) _observer?.OnDirectoryLost();
            _freeSpace.Probe();
        }
        var life = new WriterLife(_root, _options, _time, _clock, _observer, _claims);
        try
        {
            if (_claims is null) life.FinishBegun(new HashSet<BatchId>());
            else await FinishSharedAsync(life, _claims).ConfigureAwait(false);
            return life;
        }
        catch
        {
            life.Dispose();
            throw;
        }
    }
}
