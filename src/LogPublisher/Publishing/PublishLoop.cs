using LogPipeline.Publisher.Buffering;
using LogPipeline.Publisher.Spooling;
using LogPipeline.Workflows;

namespace LogPipeline.Publisher.Publishing;

/// <summary>What the loop needs to know beside its parts.</summary>
sealed record PublishLoopOptions(string Source, string Instance, PublishPolicy Policy, int BatchRecordsMax, long BatchBytesMax, string Address);

/// <summary>Why the disk did not take a batch.</summary>
sealed record DiskError(string Text, DateTimeOffset At);

/// <summary>
/// Takes records from the queue, seals them as batches, starts these at Temporal one after the other and puts on disk what
/// cannot go; records that are on disk already (<see cref="SpoolQueue"/>) are sealed there when they can go. Only this loop
/// seals, starts and spools, so order needs no lock; what to do next is decided by <see cref="PublishPolicy"/>. A start runs beside the loop, so that a Temporal that hangs does not keep records from the disk.
/// </summary>
sealed class PublishLoop(
    PublishLoopOptions options, Books books, Intake intake, StartGuard guard, Spool? spool, FinalFiles? files,
    Reporter reporter, Pressure pressure, Notices notices, Signal signal, TimeProvider time, Journal? journal = null)
{
    static readonly TimeSpan AdoptInterval = TimeSpan.FromSeconds(15);
    static readonly TimeSpan DiskRetryInterval = TimeSpan.FromSeconds(1);

    // One of the two; a journal comes with the second.
    readonly EventQueue? _memory = intake as EventQueue;
    readonly SpoolQueue? _onDisk = intake as SpoolQueue;

    // Owned by the loop.
    FrozenBatch? _starting;
    bool _startingIsSpooled;
    Task<PublishOutcome>? _start;
    readonly HeldBatches _held = new();
    long _heldAt;
    BatchId? _previous;
    // What this process's first batch goes behind.
    BatchId? _lastOfSource;
    bool _anyStarted;
    long _adoptedAt;

    // Written by the loop or by the closing thread, read by both.
    readonly Lock _giveUpGate = new();
    CancellationTokenSource _giveUp = new();
    readonly Waiters _waiters = new();
    volatile bool _closing;
    volatile DiskError? _diskError;
    long _batches;
    Task _run = Task.CompletedTask;

    public long Batches => Interlocked.Read(ref _batches);
    public DiskError? DiskError => _diskError ?? (_onDisk?.Failure is { } failure ? new DiskError(failure, time.GetUtcNow()) : null);

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
        var settled = _waiters.Add(sequence);
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
        Adopt(first: true);
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
        if (_start is { IsCompleted: true }) await FinishStartAsync().ConfigureAwait(false);
        if (_waiters.Any) _waiters.Release(FirstUnsettled());
        pressure.Note(LookAtSpool(), diskFails: _diskError is not null);
        notices.Look(pressure.Fill);
        if (intake.HasNotice && intake.TryTakeNotice(pressure.Fill) is { } dropped && !notices.SayDropped(dropped)) intake.ReturnNotice(dropped);
        if (_giveUp.IsCancellationRequested && _start is null)
        {
            PutAllOnDisk();
            lock (_giveUpGate)
            {
                if (_closing) return false;
                _giveUp = new CancellationTokenSource();
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
            IsStarting = _start is not null,
            Held = _held.Kind,
            HeldIsOldest = _held.Count > 0 && (spool?.OldestId is not { } oldest || Spool.OldestFirst.Compare(_held.Oldest.Id, oldest) < 0),
            SpoolHasBatches = spool is { HasBatches: true },
            IsReachable = guard.IsReachable,
            RetryIn = guard.RetryIn,
            DiskRetryIn = DiskRetryInterval - time.GetElapsedTime(_heldAt),
            IsClosing = _closing,
        };
    }

    /// <summary>Whether a closing loop has nothing left that it could do now.</summary>
    bool IsEmptied()
    {
        if (_start is not null || _held.Count > 0) return false;
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
                StartSpooled();
                break;
            case PublishStep.StartPending:
                StartPending();
                break;
            case PublishStep.SpillHeld:
                PutOnDisk(_held.TakeForDisk());
                break;
            case PublishStep.SpillPending:
                PutOnDisk(Seal());
                break;
        }
    }

    void StartSpooled() => StartFromDisk(() =>
    {
        if (spool!.Oldest(options.BatchRecordsMax, options.BatchBytesMax, source => source == options.Source ? _lastOfSource : null, Lost) is not { } oldest) return;
        if (oldest.Header.Source == options.Source) _lastOfSource = oldest.Id;
        Begin(oldest, isSpooled: true);
    });

    void StartPending()
    {
        if (_memory is not null) Begin(Seal(), isSpooled: false);
        else
            StartFromDisk(() =>
            {
                var id = journal!.NextId;
                if (journal.Next(options.BatchRecordsMax, options.BatchBytesMax, _lastOfSource, lost => Lost(id, lost)) is { } batch) Begin(batch, isSpooled: true);
            });
    }

    void StartFromDisk(Action start)
    {
        try
        {
            start();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The batches stay where they are; meanwhile nothing may overtake them.
            guard.Postpone($"The spool {spool!.Path} cannot be read, or takes no note: {e.Message}");
            reporter.Say("disk", guard.LastError!);
        }
    }

    FrozenBatch Seal()
    {
        var batch = BatchBuilder.Seal(_memory!.Take(options.BatchRecordsMax, options.BatchBytesMax), options.Source, options.Instance, _previous);
        _previous = batch.Id;
        return batch;
    }

    void Begin(FrozenBatch batch, bool isSpooled)
    {
        _anyStarted = true;
        _starting = batch;
        _startingIsSpooled = isSpooled;
        _start = Task.Run(() => guard.StartAsync(batch, _giveUp.Token));
    }

    async Task FinishStartAsync()
    {
        var outcome = await _start!.ConfigureAwait(false);
        var batch = _starting!;
        _start = null;
        _starting = null;
        var wasReachable = guard.IsReachable;
        guard.Note(outcome);
        switch (outcome.Kind)
        {
            case OutcomeKind.Accepted:
                Interlocked.Increment(ref _batches);
                Leave(batch, Place.Temporal);
                if (!wasReachable)
                {
                    reporter.Forget("unreachable");
                    reporter.Say("reached", $"Temporal at {options.Address} takes batches again; {books.In(Place.Spool)} records are in the spool.");
                }
                break;
            case OutcomeKind.Refused:
                SetAside(batch, outcome.Reason);
                break;
            default:
                if (wasReachable) reporter.Forget("reached");
                reporter.Say("unreachable", $"Batch {batch.Id} was not started at {options.Address}: {outcome.Reason} Records go to {(spool is null ? "files" : "the spool")} meanwhile.");
                if (_startingIsSpooled) break;
                if (files is not null && outcome.IsAmbiguous) Hold(batch, HeldBatch.Undecided);
                else PutOnDisk(batch);
                break;
        }
    }

    /// <summary>A batch that was being started is somewhere now, for good.</summary>
    void Leave(FrozenBatch batch, Place to)
    {
        books.Move(_startingIsSpooled ? Place.Spool : Place.Queue, to, batch.RecordCount);
        if (_startingIsSpooled) RemoveSpooled(batch.Id, accepted: to == Place.Temporal);
    }

    void SetAside(FrozenBatch batch, string reason)
    {
        if (_previous == batch.Id) _previous = null;
        if (_lastOfSource == batch.Id) _lastOfSource = null;
        if (spool?.SetAside(batch) is { } path)
        {
            Leave(batch, Place.Aside);
            reporter.Say("refused", $"Temporal refuses batch {batch.Id} for good: {reason} Its {batch.RecordCount} records are in {path}.");
            return;
        }
        books.Drop(_startingIsSpooled ? Place.Spool : Place.Queue, DropReason.Refused, batch.RecordCount);
        if (_startingIsSpooled) RemoveSpooled(batch.Id, accepted: false);
        reporter.Say("refused", $"Temporal refuses batch {batch.Id} for good: {reason} Its {batch.RecordCount} records are lost.");
    }

    /// <summary>Puts a batch that is in memory on disk, or keeps it in memory until the disk takes it.</summary>
    void PutOnDisk(FrozenBatch batch)
    {
        DropReason reason;
        string error;
        if (spool is not null)
        {
            if (spool.TryAppend(batch) is not var (why, text))
            {
                OnDisk(batch, Place.Spool);
                return;
            }
            (reason, error) = (why, text);
        }
        else
        {
            if (files!.TryWrite(batch) is not { } text)
            {
                OnDisk(batch, Place.Files);
                return;
            }
            (reason, error) = (DropReason.DiskFailed, text);
        }
        _diskError = new DiskError(error, time.GetUtcNow());
        _memory?.SetFullReason(reason);
        reporter.Say("disk", $"{error} Events wait in memory; when the queue is full the newest are dropped.");
        Hold(batch, HeldBatch.ForDisk);
    }

    void OnDisk(FrozenBatch batch, Place place)
    {
        books.Move(Place.Queue, place, batch.RecordCount);
        if (_diskError is null) return;
        _diskError = null;
        _memory?.SetFullReason(DropReason.QueueFull);
        reporter.Forget("disk");
    }

    void Hold(FrozenBatch batch, HeldBatch heldFor)
    {
        _held.Add(batch, heldFor);
        _heldAt = time.GetTimestamp();
    }

    /// <summary>Nothing may stay in memory; when the loop ends, what the disk does not take is lost.</summary>
    void PutAllOnDisk()
    {
        while (_held.Count > 0 || _memory?.Look().Count > 0)
        {
            var batch = _held.Count > 0 ? _held.TakeOldest() : Seal();
            PutOnDisk(batch);
            if (!_held.Contains(batch)) continue;
            if (!_closing) return;
            _held.Remove(batch);
            books.Drop(Place.Queue, DropReason.DiskFailed, batch.RecordCount);
        }
    }

    void RemoveSpooled(BatchId id, bool accepted)
    {
        try
        {
            spool!.Remove(id, accepted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reporter.Say("disk", $"The spool {spool!.Path} did not take the note that batch {id} is done ({e.Message}); it will be offered again, which is harmless.");
        }
        _onDisk?.Freed();
    }

    void Lost(BatchId batch, long records)
    {
        if (_previous == batch && _memory is not null) _previous = null;
        books.Drop(Place.Spool, DropReason.Damaged, records);
        reporter.Say("damaged", $"Batch {batch} in the spool is damaged; {records} records are lost.");
    }

    void Adopt(bool first)
    {
        _adoptedAt = time.GetTimestamp();
        if (spool is null) return;
        try
        {
            var (records, lost) = spool.Adopt(first, text => reporter.Say("adopt", text));
            books.Adopted(records + lost);
            if (lost > 0) books.Drop(Place.Spool, DropReason.Damaged, lost);
            if (records == 0) return;
            // What this process logs stands behind what its predecessor has left.
            if (first) _previous = _lastOfSource = spool.NewestOf(options.Source);
            reporter.Say("adopted", $"{records} records of earlier processes were found in the spool {spool.Path} and are sent first.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reporter.Say("adopt", $"The spool {spool.Path} could not be searched for records of earlier processes: {e.Message}");
        }
    }

    async Task WaitAsync(TimeSpan wait)
    {
        if (time.GetElapsedTime(_adoptedAt) >= AdoptInterval) Adopt(first: false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_giveUp.Token);
        var waits = new List<Task>(3) { signal.WaitAsync() };
        if (_start is not null) waits.Add(_start);
        // An idle process looks for those that are gone as well.
        if (spool is not null && !_closing && (wait == Timeout.InfiniteTimeSpan || wait > AdoptInterval)) wait = AdoptInterval;
        if (wait != Timeout.InfiniteTimeSpan || _closing) waits.Add(Task.Delay(wait, time, stop.Token));
        await Task.WhenAny(waits).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
    }

    SpoolLook LookAtSpool()
    {
        if (spool is null) return SpoolLook.Empty;
        var frozen = spool.Look();
        if (_onDisk is null) return frozen;
        var waiting = _onDisk.Look();
        var oldestAt = waiting.Count > 0 ? time.GetUtcNow() - waiting.OldestAge : (DateTimeOffset?)null;
        return new SpoolLook(frozen.Bytes + _onDisk.Bytes, _onDisk.Fill, frozen.OldestAt < oldestAt || oldestAt is null ? frozen.OldestAt ?? oldestAt : oldestAt);
    }

    /// <summary>The lowest number of a record that those who wait still wait for.</summary>
    long FirstUnsettled()
    {
        // On disk it is from the start; whoever waits wants to know that it went, or that it cannot now.
        if (_onDisk is not null) return _giveUp.IsCancellationRequested || (!guard.IsReachable && _start is null) ? long.MaxValue : journal!.FirstOpen;
        var first = intake.Look().FirstSequence;
        if (_held.Count > 0) first = Math.Min(first, _held.Oldest.Header.FirstSequence);
        if (_starting is { } starting && !_startingIsSpooled) first = Math.Min(first, starting.Header.FirstSequence);
        return first;
    }
}
