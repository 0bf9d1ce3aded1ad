using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// Publishes: starts batches at Temporal one after the other, and puts on disk what is in memory and cannot go. Only
/// this loop seals, starts and spools, so order needs no lock. <see cref="PublishPolicy"/> decides what to do next, and
/// <see cref="BatchDispatcher"/> does it.
/// </summary>
/// <param name="overflow">For records in memory; null: they are on disk from the start.</param>
sealed class PublishLoop(
    TemporalSinkOptions options, Intake intake, BatchSource batches, BatchDispatcher dispatcher, Overflow? overflow,
    NoticeWriter notices, Reporter reporter, TimeProvider time)
{
    static readonly TimeSpan DefectInterval = TimeSpan.FromSeconds(1);

    readonly PublishPolicy _policy = new(options);
    volatile SpoolSnapshot _spool = SpoolSnapshot.Empty;

    // Written by the loop or by the closing thread, read by both.
    readonly Lock _giveUpGate = new();
    CancellationTokenSource _giveUp = new();
    readonly Waiters _waiters = new();
    volatile bool _closing;
    Task _run = Task.CompletedTask;

    /// <summary>The spool, as the loop saw it last. Any thread.</summary>
    public SpoolSnapshot Spool => _spool;

    public void Start()
    {
        // The application's ambient state (its trace, its scopes) has no business in here.
        using (ExecutionContext.SuppressFlow()) _run = Task.Run(RunAsync);
    }

    /// <summary>
    /// Returns when every record up to this number has been tried: it is accepted by Temporal, or it is on disk because
    /// Temporal did not take it.
    /// </summary>
    public Task SettledAsync(long sequence, CancellationToken cancellationToken)
    {
        var settled = _waiters.WaitAsync(sequence);
        intake.Work.Set();
        return settled.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Ends the loop after the queue was closed: sends what there is while Temporal takes it, for this long at most,
    /// and puts the rest on disk.
    /// </summary>
    public async Task CloseAsync(TimeSpan waitMax)
    {
        _closing = true;
        intake.Work.Set();
        using var timer = time.CreateTimer(_ => GiveUpStarts(), null, waitMax, Timeout.InfiniteTimeSpan);
        await _run.ConfigureAwait(false);
    }

    /// <summary>Ends the start that runs, and puts on disk what is in memory now.</summary>
    public void GiveUpStarts()
    {
        CancellationTokenSource giveUp;
        lock (_giveUpGate) giveUp = _giveUp;
        giveUp.Cancel();
        intake.Work.Set();
    }

    async Task RunAsync()
    {
        Reentrancy.EnterPublisher();
        batches.Adopt(first: true);
        while (true)
        {
            try
            {
                if (!await StepAsync().ConfigureAwait(false)) break;
            }
            // The edge of the loop: a defect in one step must not end logging for the rest of the process. What the
            // step was about is still in the queue, the spool or at Temporal, all of which take a repetition.
            catch (Exception e)
            {
                reporter.Log("defect", $"A step of publishing failed and is repeated: {e}");
                await Task.Delay(DefectInterval, time).ConfigureAwait(false);
            }
        }
        _waiters.End();
        intake.Dispose();
        batches.Dispose();
        overflow?.Dispose();
    }

    /// <returns>False when there is nothing left to do.</returns>
    async Task<bool> StepAsync()
    {
        intake.RenderWaiting();
        await dispatcher.FinishAsync().ConfigureAwait(false);
        if (_waiters.Any) _waiters.Release(FirstUnsettled());
        _spool = batches.GetSnapshot();
        intake.SetDisk(_spool.Fill, fails: overflow?.Error is not null);
        notices.Update(intake.Pressure);
        if (_giveUp.IsCancellationRequested && dispatcher.Starting is null)
        {
            var isLast = _closing;
            dispatcher.SpillAll(HasPending, isLast);
            lock (_giveUpGate)
            {
                if (isLast) return false;
                // Closed just now: once more, for good.
                if (!_closing) _giveUp = new CancellationTokenSource();
            }
        }
        var (step, wait) = _policy.Decide(View());
        if (step != PublishStep.Wait) Act(step);
        else if (_closing && IsEmptied()) return false;
        else await WaitAsync(wait).ConfigureAwait(false);
        return true;
    }

    PublishView View()
    {
        var pending = intake.GetSnapshot();
        return new PublishView
        {
            PendingCount = pending.Count,
            PendingAge = pending.OldestAge,
            PendingIsUrgent = pending.IsUrgent || !dispatcher.HasStarted,
            QueueIsFilling = pending.IsFilling,
            PendingIsOnDisk = overflow is null,
            IsStarting = dispatcher.Starting is not null,
            IsHolding = dispatcher.IsHolding,
            HeldIsForDisk = dispatcher.HeldIsForDisk,
            HeldIsOldest = dispatcher.HeldIsOldest,
            SpoolHasBatches = batches.HasSpooled,
            IsReachable = dispatcher.Guard.IsReachable,
            RetryIn = dispatcher.Guard.RetryIn,
            DiskRetryIn = overflow?.RetryIn ?? TimeSpan.Zero,
            IsClosing = _closing,
        };
    }

    bool HasPending() => intake.GetSnapshot().Count > 0;

    /// <summary>Whether a closing loop has nothing left that it could do now.</summary>
    bool IsEmptied()
    {
        if (dispatcher.Starting is not null || dispatcher.IsHolding) return false;
        var hasPending = HasPending();
        return !(hasPending && overflow is not null)
            && !((hasPending || batches.HasSpooled) && dispatcher.Guard.IsReachable);
    }

    void Act(PublishStep step)
    {
        switch (step)
        {
            case PublishStep.StartHeld:
                dispatcher.StartHeld(_giveUp.Token);
                break;
            case PublishStep.StartSpooled:
                dispatcher.StartSpooled(_giveUp.Token);
                break;
            case PublishStep.StartPending:
                dispatcher.StartPending(_giveUp.Token);
                break;
            case PublishStep.SpillHeld:
                dispatcher.SpillHeld();
                break;
            case PublishStep.SpillPending:
                dispatcher.SpillPending();
                break;
        }
    }

    async Task WaitAsync(TimeSpan wait)
    {
        if (batches.IsAdoptionDue) batches.Adopt(first: false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_giveUp.Token);
        var waits = new List<Task>(3) { intake.Work.WaitAsync() };
        if (dispatcher.Starting is { } start) waits.Add(start);
        // An idle process adopts as well.
        if (batches.SpoolPath is not null && !_closing
            && (wait == Timeout.InfiniteTimeSpan || wait > BatchSource.AdoptionInterval))
            wait = BatchSource.AdoptionInterval;
        if (wait != Timeout.InfiniteTimeSpan || _closing) waits.Add(Task.Delay(wait, time, stop.Token));
        await Task.WhenAny(waits).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>The lowest number of a record that is not settled.</summary>
    long FirstUnsettled()
    {
        // On disk it is from the start; a flush ends when it is at Temporal, or cannot go there now.
        if (overflow is null && (_giveUp.IsCancellationRequested
            || (!dispatcher.Guard.IsReachable && dispatcher.Starting is null))) return long.MaxValue;
        return Math.Min(intake.GetSnapshot().FirstSequence, dispatcher.FirstInMemory);
    }
}
