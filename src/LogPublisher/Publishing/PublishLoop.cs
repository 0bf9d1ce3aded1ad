using LogPipeline.Publisher.Buffering;
using LogPipeline.Publisher.Spooling;

namespace LogPipeline.Publisher.Publishing;

/// <summary>What the loop needs to know beside its parts.</summary>
sealed record PublishLoopOptions(string Source, string Instance, PublishPolicy Policy, int BatchRecordsMax, long BatchBytesMax, string Address);

/// <summary>
/// Takes records from the queue, seals them as batches, starts these at Temporal one after the other and puts on disk what
/// cannot go; records that are on disk already (<see cref="SpoolQueue"/>) are sealed there when they can go. Only this loop
/// seals, starts and spools, so order needs no lock; what to do next is decided by <see cref="PublishPolicy"/>.
/// A start runs beside the loop, so that a Temporal that hangs does not keep records from the disk.
/// </summary>
sealed class PublishLoop(
    PublishLoopOptions options, Books books, Intake intake, StartGuard guard, Spool? spool, FinalFiles? files,
    Reporter reporter, FailureReports failures, Pressure pressure, Notices notices, Signal signal, TimeProvider time, Journal? journal = null)
{
    static readonly TimeSpan DiskRetryInterval = TimeSpan.FromSeconds(1);

    // One of the two; a journal comes with the second.
    readonly EventQueue? _memory = intake as EventQueue;
    readonly SpoolQueue? _onDisk = intake as SpoolQueue;

    // Owned by the loop.
    readonly BatchSource _batches = new(options, intake, spool, journal, books, reporter, failures, time);
    readonly DiskFallback _disk = new(spool, files, intake as EventQueue, books, reporter, time);
    readonly Adoption? _adoption = spool is null ? null : new(spool, books, reporter, failures, time);
    readonly HeldBatches _held = new(time);
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
    public DiskError? DiskError => _disk.Error ?? (_onDisk?.Failure is { } failure ? new DiskError(failure, time.GetUtcNow()) : null);

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
        if (_adoption is not null && _adoption.Look(first: true)) _batches.GoBehindFound();
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
                reporter.Say("defect", $"A step of publishing failed and is repeated: {e}");
                await Task.Delay(DiskRetryInterval, time).ConfigureAwait(false);
            }
        }
        _waiters.End();
        _onDisk?.Dispose();
        spool?.Dispose();
        files?.Dispose();
    }

    /// <returns>False when there is nothing left to do.</returns>
    async Task<bool> StepAsync()
    {
        _memory?.RenderWaiting();
        if (_attempt is { Outcome.IsCompleted: true } attempt) await FinishAsync(attempt).ConfigureAwait(false);
        if (_waiters.Any) _waiters.Release(FirstUnsettled());
        pressure.Note(_batches.Look(), diskFails: _disk.Error is not null);
        notices.Look(pressure.Fill);
        if (intake.HasNotice && intake.TryTakeNotice(pressure.Fill) is { } dropped && !notices.SayDropped(dropped)) intake.ReturnNotice(dropped);
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
        var decision = options.Policy.Decide(View());
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
            PendingIsOnDisk = _onDisk is not null,
            IsStarting = _attempt is not null,
            Held = _held.Kind,
            HeldIsOldest = _held.Count > 0 && (spool?.OldestId is not { } oldest || Spool.OldestFirst.Compare(_held.Oldest.Id, oldest) < 0),
            SpoolHasBatches = spool is { HasBatches: true },
            IsReachable = guard.IsReachable,
            RetryIn = guard.RetryIn,
            DiskRetryIn = DiskRetryInterval - _held.Age,
            IsClosing = _closing,
        };
    }

    /// <summary>Whether a closing loop has nothing left that it could do now.</summary>
    bool IsEmptied()
    {
        if (_attempt is not null || _held.Count > 0) return false;
        var isPending = intake.Look().Count > 0;
        return !(isPending && _memory is not null) && !((isPending || spool is { HasBatches: true }) && guard.IsReachable);
    }

    void Act(PublishStep step)
    {
        switch (step)
        {
            case PublishStep.StartHeld:
                Begin(_held.TakeOldest(), isSpooled: false);
                break;
            case PublishStep.StartSpooled:
                BeginFromDisk(_batches.OldestInSpool);
                break;
            case PublishStep.StartPending:
                if (_memory is not null) Begin(_batches.Seal(), isSpooled: false);
                else BeginFromDisk(_batches.NextInJournal);
                break;
            case PublishStep.SpillHeld:
                PutOnDisk(_held.TakeForDisk());
                break;
            case PublishStep.SpillPending:
                PutOnDisk(_batches.Seal());
                break;
        }
    }

    void BeginFromDisk(Func<FrozenBatch?> next)
    {
        try
        {
            if (next() is { } batch) Begin(batch, isSpooled: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The batches stay where they are; meanwhile nothing may overtake them.
            guard.Postpone($"The spool {spool!.Path} cannot be read, or takes no note: {e.Message}");
            reporter.SayDelayed("disk", guard.LastError!);
        }
    }

    void Begin(FrozenBatch batch, bool isSpooled)
    {
        _anyStarted = true;
        _attempt = new Attempt(batch, isSpooled, Task.Run(() => guard.StartAsync(batch, _giveUp.Token)));
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
                    reporter.Forget("unreachable");
                    reporter.Say("reached", $"Temporal at {options.Address} takes batches again; {books.In(Place.Spool)} records are in the spool.");
                }
                break;
            case OutcomeKind.Refused:
                SetAside(attempt, outcome.Reason);
                break;
            default:
                if (wasReachable) reporter.Forget("reached");
                reporter.SayDelayed("unreachable", $"Batch {batch.Id} was not started at {options.Address}: {outcome.Reason} Records go to {(spool is null ? "files" : "the spool")} meanwhile.");
                if (attempt.IsSpooled) break;
                if (files is not null && outcome.IsAmbiguous) _held.Add(batch, HeldBatch.Undecided);
                else PutOnDisk(batch);
                break;
        }
    }

    /// <summary>A batch that was being started is somewhere now, for good.</summary>
    void Leave(Attempt attempt, Place to)
    {
        books.Move(attempt.From, to, attempt.Batch.RecordCount);
        if (attempt.IsSpooled) _batches.Remove(attempt.Batch.Id, accepted: to == Place.Temporal);
    }

    void SetAside(Attempt attempt, string reason)
    {
        var batch = attempt.Batch;
        _batches.Forget(batch.Id);
        var path = spool?.SetAside(batch);
        if (path is not null) Leave(attempt, Place.Aside);
        else
        {
            books.Drop(attempt.From, DropReason.Refused, batch.RecordCount);
            failures.Dropped(DropReason.Refused, batch.RecordCount, batch.Events);
            if (attempt.IsSpooled) _batches.Remove(batch.Id, accepted: false);
        }
        reporter.Say("refused", $"Temporal refuses batch {batch.Id} for good: {reason} Its {batch.RecordCount} records are {(path is null ? "lost" : $"in {path}")}.");
    }

    /// <summary>Puts a batch that is in memory on disk, or keeps it in memory until the disk takes it.</summary>
    void PutOnDisk(FrozenBatch batch)
    {
        if (!_disk.TryPut(batch)) _held.Add(batch, HeldBatch.ForDisk);
    }

    /// <summary>Nothing may stay in memory; when the loop ends, what the disk does not take is lost.</summary>
    void PutAllOnDisk(bool isLast)
    {
        while (_held.Count > 0 || _memory?.Look().Count > 0)
        {
            var batch = _held.Count > 0 ? _held.TakeOldest() : _batches.Seal();
            if (_disk.TryPut(batch)) continue;
            if (!isLast)
            {
                _held.Add(batch, HeldBatch.ForDisk);
                return;
            }
            books.Drop(Place.Queue, DropReason.DiskFailed, batch.RecordCount);
            failures.Dropped(DropReason.DiskFailed, batch.RecordCount, batch.Events, isLast);
        }
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
        if (_onDisk is not null) return _giveUp.IsCancellationRequested || (!guard.IsReachable && _attempt is null) ? long.MaxValue : journal!.FirstOpen;
        var first = intake.Look().FirstSequence;
        if (_held.Count > 0) first = Math.Min(first, _held.Oldest.Header.FirstSequence);
        if (_attempt is { IsSpooled: false } attempt) first = Math.Min(first, attempt.Batch.Header.FirstSequence);
        return first;
    }

    /// <summary>The start that is under way.</summary>
    sealed record Attempt(FrozenBatch Batch, bool IsSpooled, Task<PublishOutcome> Outcome)
    {
        public Place From => IsSpooled ? Place.Spool : Place.Queue;
    }
}
