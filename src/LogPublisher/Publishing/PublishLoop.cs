using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// Takes batches from where they wait and starts them at Temporal one after the other; what is in memory and cannot go is put on disk.
/// Only this loop seals, starts and spools, so order needs no lock; what to do next is decided by <see cref="PublishPolicy"/>.
/// A start runs beside the loop, so that a Temporal that hangs does not keep records from the disk.
/// </summary>
/// <param name="overflow">For records in memory; null: they are on disk from the start.</param>
sealed class PublishLoop(
    PublishPolicy policy, string address, Books books, Intake intake, BatchSource batches, StartGuard guard, SpoolStore? spool, Overflow? overflow,
    Reporter reporter, FailureReports failures, Pressure pressure, NoticeWriter notices, Signal signal, TimeProvider time)
{
    static readonly TimeSpan DefectInterval = TimeSpan.FromSeconds(1);

    // Owned by the loop.
    readonly Adoption? _adoption = spool is null ? null : new(spool, books, reporter, failures, time);
    // In memory, and could neither be started nor be put on disk; what is younger stays behind it.
    (FrozenBatch Batch, HeldBatch For)? _held;
    Attempt? _attempt;
    bool _anyStarted;

    // Written by the loop or by the closing thread, read by both.
    readonly Lock _giveUpGate = new();
    CancellationTokenSource _giveUp = new();
    readonly Waiters _waiters = new();
    volatile bool _closing;
    long _accepted;
    Task _run = Task.CompletedTask;

    public long Batches => Interlocked.Read(ref _accepted);
    public DiskError? DiskError => overflow?.Error ?? (intake.Failure is { } failure ? new DiskError(failure, time.GetUtcNow()) : null);

    public void Start()
    {
        // The application's ambient state (its trace, its scopes) has no business in here.
        using (ExecutionContext.SuppressFlow()) _run = Task.Run(RunAsync);
    }

    /// <summary>
    /// Returns when every record up to this number has been tried: it is accepted by Temporal, or it is on disk because Temporal
    /// did not take it.
    /// </summary>
    public Task SettledAsync(long sequence, CancellationToken cancellationToken)
    {
        var settled = _waiters.WaitAsync(sequence);
        signal.Set();
        return settled.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Ends the loop after the queue was closed: sends what there is while Temporal takes it, for this long at most, and
    /// puts the rest on disk.
    /// </summary>
    public async Task CloseAsync(TimeSpan waitMax)
    {
        _closing = true;
        signal.Set();
        using var timer = time.CreateTimer(_ => GiveUpStarts(), null, waitMax, Timeout.InfiniteTimeSpan);
        await _run.ConfigureAwait(false);
    }

    /// <summary>Ends the start that is under way, and puts on disk what is in memory now.</summary>
    public void GiveUpStarts()
    {
        CancellationTokenSource giveUp;
        lock (_giveUpGate) giveUp = _giveUp;
        giveUp.Cancel();
        signal.Set();
    }

    async Task RunAsync()
    {
        Reentrancy.EnterPublisher();
        _adoption?.Look(first: true);
        while (true)
        {
            try
            {
                if (!await StepAsync().ConfigureAwait(false)) break;
            }
            // The edge of the loop: a defect in one step must not end logging for the rest of the process. What the step
            // was about is still in the queue, the spool or at Temporal, all of which take a repetition.
            catch (Exception e)
            {
                reporter.Log("defect", $"A step of publishing failed and is repeated: {e}");
                await Task.Delay(DefectInterval, time).ConfigureAwait(false);
            }
        }
        _waiters.End();
        intake.Dispose();
        spool?.Dispose();
        overflow?.Dispose();
    }

    /// <returns>False when there is nothing left to do.</returns>
    async Task<bool> StepAsync()
    {
        intake.RenderWaiting();
        if (_attempt is { Outcome.IsCompleted: true } attempt) await FinishAsync(attempt).ConfigureAwait(false);
        if (_waiters.Any) _waiters.Release(FirstUnsettled());
        pressure.Note(batches.Look(), diskFails: overflow?.Error is not null);
        notices.Look(pressure.Fill);
        if (intake.HasNotice) notices.SayDropped(pressure.Fill);
        if (_giveUp.IsCancellationRequested && _attempt is null)
        {
            var isLast = _closing;
            PutAllOnDisk(isLast);
            lock (_giveUpGate)
            {
                if (isLast) return false;
                // Closed just now: once more, for good.
                if (!_closing) _giveUp = new CancellationTokenSource();
            }
        }
        var decision = policy.Decide(View());
        if (decision.Step != PublishStep.Wait) Act(decision.Step);
        else if (_closing && IsEmptied()) return false;
        else await WaitAsync(decision.Wait).ConfigureAwait(false);
        return true;
    }

    PublishView View()
    {
        var look = intake.Look();
        return new PublishView
        {
            PendingCount = look.Count,
            PendingAge = look.OldestAge,
            PendingIsUrgent = look.IsUrgent || !_anyStarted,
            QueueIsFilling = look.IsFilling,
            PendingIsOnDisk = overflow is null,
            IsStarting = _attempt is not null,
            Held = _held?.For ?? HeldBatch.None,
            HeldIsOldest = _held is { } held && !overflow!.HasBegun(held.Batch) && (spool?.OldestId is not { } oldest || BatchId.OldestFirst.Compare(held.Batch.Id, oldest) < 0),
            SpoolHasBatches = spool is { HasBatches: true },
            IsReachable = guard.IsReachable,
            RetryIn = guard.RetryIn,
            DiskRetryIn = overflow?.RetryIn ?? TimeSpan.Zero,
            IsClosing = _closing,
        };
    }

    /// <summary>Whether a closing loop has nothing left that it could do now.</summary>
    bool IsEmptied()
    {
        if (_attempt is not null || _held is not null) return false;
        var isPending = intake.Look().Count > 0;
        return !(isPending && overflow is not null) && !((isPending || spool is { HasBatches: true }) && guard.IsReachable);
    }

    void Act(PublishStep step)
    {
        switch (step)
        {
            case PublishStep.StartHeld:
                Begin(TakeHeld());
                break;
            case PublishStep.StartSpooled:
                Begin(batches.NextInSpool);
                break;
            case PublishStep.StartPending:
                Begin(batches.NextPending);
                break;
            case PublishStep.SpillHeld:
                PutOnDisk(TakeHeld());
                break;
            case PublishStep.SpillPending:
                SpillPending();
                break;
        }
    }

    FrozenBatch TakeHeld()
    {
        var batch = _held!.Value.Batch;
        _held = null;
        return batch;
    }

    void Begin(Func<FrozenBatch?> next)
    {
        try
        {
            if (next() is { } batch) Begin(batch);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The batches stay where they are; meanwhile nothing may overtake them.
            guard.Postpone($"The spool {spool!.Path} cannot be read, or takes no note: {e.Message}");
            reporter.LogDelayed("disk", guard.LastError!);
        }
    }

    void Begin(FrozenBatch batch)
    {
        _anyStarted = true;
        _attempt = new Attempt(batch, Task.Run(() => guard.StartAsync(batch, _giveUp.Token)));
    }

    async Task FinishAsync(Attempt attempt)
    {
        var outcome = await attempt.Outcome.ConfigureAwait(false);
        var batch = attempt.Batch;
        _attempt = null;
        var wasReachable = guard.IsReachable;
        guard.Note(outcome);
        switch (outcome.Kind)
        {
            case OutcomeKind.Accepted:
                Interlocked.Increment(ref _accepted);
                Leave(attempt, Place.Temporal);
                if (!wasReachable)
                {
                    reporter.Reset("unreachable");
                    reporter.Log("reached", $"Temporal at {address} takes batches again; {books.In(Place.Spool)} records are in the spool.");
                }
                break;
            case OutcomeKind.Refused:
                SetAside(attempt, outcome.Reason);
                break;
            default:
                if (wasReachable) reporter.Reset("reached");
                reporter.LogDelayed("unreachable", $"Batch {batch.Id} was not started at {address}: {outcome.Reason} Records go to {(spool is null ? "files" : "the spool")} meanwhile.");
                if (attempt.IsSpooled) break;
                if (spool is null && outcome.IsAmbiguous) _held = (batch, HeldBatch.Undecided);
                else PutOnDisk(batch);
                break;
        }
    }

    /// <summary>A batch that was being started is somewhere now, for good.</summary>
    void Leave(Attempt attempt, Place to)
    {
        books.Move(attempt.From, to, attempt.Batch.RecordCount);
        if (attempt.IsSpooled) batches.Done(attempt.Batch.Id, accepted: to == Place.Temporal);
    }

    void SetAside(Attempt attempt, string reason)
    {
        var batch = attempt.Batch;
        batches.Forget(batch.Id);
        var path = spool?.TrySetAside(batch);
        if (path is not null) Leave(attempt, Place.Aside);
        else
        {
            books.Drop(attempt.From, DropReason.Refused, batch.RecordCount);
            failures.Dropped(DropReason.Refused, batch.RecordCount, batch.Events);
            if (attempt.IsSpooled) batches.Done(batch.Id, accepted: false);
        }
        reporter.Log("refused", $"Temporal refuses batch {batch.Id} for good: {reason} Its {batch.RecordCount} records are {(path is null ? "lost" : $"in {path}")}.");
    }

    /// <summary>Puts a batch that is in memory on disk, or keeps it in memory until the disk takes it.</summary>
    void PutOnDisk(FrozenBatch batch)
    {
        if (!overflow!.TryPut(batch)) _held = (batch, HeldBatch.ForDisk);
    }

    /// <summary>Older ones first: what is being tried goes to the spool before what waits behind it.</summary>
    void SpillPending()
    {
        if (spool is not null && _attempt is { IsSpooled: false } attempt)
        {
            if (!overflow!.TryPut(attempt.Batch)) return;
            attempt.IsSpooled = true;
        }
        overflow!.TryPutPending();
    }

    /// <summary>Nothing may stay in memory; when the loop ends, what the disk does not take is lost.</summary>
    void PutAllOnDisk(bool isLast)
    {
        if (overflow is null) return;
        if (_held is not null) PutOnDisk(TakeHeld());
        while (_held is null && intake.Look().Count > 0 && overflow.TryPutPending()) { }
        if (!isLast) return;
        if (_held is { Batch: var batch })
        {
            books.Drop(Place.Queue, DropReason.DiskFailed, batch.RecordCount);
            failures.Dropped(DropReason.DiskFailed, batch.RecordCount, batch.Events, isLast);
        }
        overflow.DropPending(failures);
    }

    async Task WaitAsync(TimeSpan wait)
    {
        if (_adoption is { IsDue: true }) _adoption.Look(first: false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_giveUp.Token);
        var waits = new List<Task>(3) { signal.WaitAsync() };
        if (_attempt is not null) waits.Add(_attempt.Outcome);
        // An idle process looks for those that are gone as well.
        if (_adoption is not null && !_closing && (wait == Timeout.InfiniteTimeSpan || wait > Adoption.Interval)) wait = Adoption.Interval;
        if (wait != Timeout.InfiniteTimeSpan || _closing) waits.Add(Task.Delay(wait, time, stop.Token));
        await Task.WhenAny(waits).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>The lowest number of a record that those who wait still wait for.</summary>
    long FirstUnsettled()
    {
        // On disk it is from the start; whoever waits wants to know that it went, or that it cannot now.
        if (overflow is null && (_giveUp.IsCancellationRequested || (!guard.IsReachable && _attempt is null))) return long.MaxValue;
        var first = intake.Look().FirstSequence;
        if (_held is { Batch: var held }) first = Math.Min(first, held.Header.FirstSequence);
        if (_attempt is { IsSpooled: false } attempt) first = Math.Min(first, attempt.Batch.Header.FirstSequence);
        return first;
    }

    /// <summary>The start that is under way.</summary>
    sealed record Attempt(FrozenBatch Batch, Task<PublishOutcome> Outcome)
    {
        /// <summary>It came from the disk, or was put there meanwhile.</summary>
        public bool IsSpooled { get; set; } = Batch.Queued is null;

        public Place From => IsSpooled ? Place.Spool : Place.Queue;
    }
}
