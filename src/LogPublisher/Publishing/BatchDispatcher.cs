using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Queue;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// Moves batches: from where they wait to Temporal, or from memory to the disk. At most one start runs at a time,
/// beside the publish loop, so that a Temporal that hangs does not keep records from the disk; and at most one batch is
/// held in memory that neither Temporal nor the disk took. Owned by the publish loop, but for <see cref="Guard"/> and
/// <see cref="Accepted"/>.
/// </summary>
/// <param name="overflow">For records in memory; null: they are on disk from the start.</param>
sealed class BatchDispatcher(string address, BatchSource batches, StartGuard guard, Overflow? overflow, Books books,
    PublisherReports reports, Reporter reporter)
{
    // Younger batches stay behind it.
    (FrozenBatch Batch, bool IsForDisk)? _held;
    Attempt? _attempt;
    long _accepted;

    /// <summary>Stands between here and Temporal. Any thread.</summary>
    public StartGuard Guard => guard;

    /// <summary>Batches that Temporal has accepted. Any thread.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>A start was tried.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>The start that runs; null: none does.</summary>
    public Task? Starting => _attempt?.Outcome;

    public bool IsHolding => _held is not null;

    /// <summary>
    /// The held batch may be put on disk; not one that may be in Temporal and would come twice from a final file.
    /// </summary>
    public bool HeldIsForDisk => _held is { IsForDisk: true };

    /// <summary>The held batch goes before all that are in the spool.</summary>
    public bool HeldIsOldest =>
        _held is { Batch: var batch } && !overflow!.HasBegun(batch) && batches.IsBeforeSpooled(batch.Id);

    /// <summary>
    /// The lowest number of a record in memory that is held or being started; the maximum: there is none.
    /// </summary>
    public long FirstInMemory
    {
        get
        {
            var first = _held is { Batch: var held } ? held.Header.FirstSequence : long.MaxValue;
            return _attempt is { IsSpooled: false } attempt
                ? Math.Min(first, attempt.Batch.Header.FirstSequence) : first;
        }
    }

    public void StartHeld(CancellationToken cancellationToken) => Start(TakeHeld, cancellationToken);

    public void StartSpooled(CancellationToken cancellationToken) => Start(batches.NextInSpool, cancellationToken);

    public void StartPending(CancellationToken cancellationToken) => Start(batches.NextPending, cancellationToken);

    public void SpillHeld() => PutOnDisk(TakeHeld());

    /// <summary>Older ones first: what is being tried goes to the spool before what waits behind it.</summary>
    public void SpillPending()
    {
        if (batches.SpoolPath is not null && _attempt is { IsSpooled: false } attempt)
        {
            if (!overflow!.TryPut(attempt.Batch)) return;
            attempt.IsSpooled = true;
        }
        overflow!.TryPutPending();
    }

    /// <summary>Puts on disk all that is in memory. No start may run.</summary>
    /// <param name="hasPending">Whether records wait in the queue.</param>
    /// <param name="isLast">The loop ends: what the disk does not take is lost.</param>
    public void SpillAll(Func<bool> hasPending, bool isLast)
    {
        if (overflow is null) return;
        if (_held is not null) SpillHeld();
        while (_held is null && hasPending() && overflow.TryPutPending()) { }
        if (!isLast) return;
        if (_held is { Batch: var batch })
        {
            books.Drop(Location.Queue, DropReason.DiskFailed, batch.RecordCount);
            reporter.OnDropped(DropReason.DiskFailed, batch.RecordCount, batch.Events, isLast);
        }
        overflow.DropPending();
    }

    /// <summary>Takes the outcome of a start that has ended, and puts its batch where it belongs.</summary>
    public async Task FinishAsync()
    {
        if (_attempt is not { Outcome.IsCompleted: true } attempt) return;
        var outcome = await attempt.Outcome.ConfigureAwait(false);
        _attempt = null;
        var wasReachable = guard.IsReachable;
        guard.OnOutcome(outcome);
        switch (outcome.Kind)
        {
            case OutcomeKind.Accepted:
                OnAccepted(attempt, wasReachable);
                break;
            case OutcomeKind.Refused:
                SetAside(attempt, outcome.Reason);
                break;
            default:
                OnFailed(attempt, outcome, wasReachable);
                break;
        }
    }

    FrozenBatch TakeHeld()
    {
        var batch = _held!.Value.Batch;
        _held = null;
        return batch;
    }

    void Start(Func<FrozenBatch?> next, CancellationToken cancellationToken)
    {
        try
        {
            if (next() is not { } batch) return;
            HasStarted = true;
            var sent = WithReport(batch);
            _attempt =
                new Attempt(batch, Task.Run(() => guard.StartAsync(sent, cancellationToken), CancellationToken.None));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The batches stay where they are; meanwhile nothing may overtake them.
            guard.Postpone($"The spool {batches.SpoolPath} cannot be read or written: {e.Message}");
            reporter.LogDelayed("disk", guard.LastError!);
        }
    }

    // The report is the attempt's: the batch stays as it was frozen, and goes to the disk as that.
    FrozenBatch WithReport(FrozenBatch batch) =>
        reports.WithBatch(batch.RecordCount, batch.Queued is null ? Location.Spool : Location.Queue) is { } report
            ? batch with { Header = batch.Header with { Publisher = report } } : batch;

    void OnAccepted(Attempt attempt, bool wasReachable)
    {
        Interlocked.Increment(ref _accepted);
        Move(attempt, Location.Temporal);
        if (wasReachable) return;
        reporter.Reset("unreachable");
        reporter.Log("reached",
            $"Temporal at {address} takes batches again; {books.In(Location.Spool)} records are in the spool.");
    }

    void OnFailed(Attempt attempt, PublishOutcome outcome, bool wasReachable)
    {
        if (wasReachable) reporter.Reset("reached");
        var hasSpool = batches.SpoolPath is not null;
        reporter.LogDelayed("unreachable",
            $"Batch {attempt.Batch.Id} was not started at {address}: {outcome.Reason} Records go to "
            + $"{(hasSpool ? "the spool" : "files")} meanwhile.");
        if (attempt.IsSpooled) return;
        if (!hasSpool && outcome.IsAmbiguous) _held = (attempt.Batch, IsForDisk: false);
        else PutOnDisk(attempt.Batch);
    }

    /// <summary>A batch that was being started is somewhere now, for good.</summary>
    void Move(Attempt attempt, Location to)
    {
        books.Move(attempt.From, to, attempt.Batch.RecordCount);
        if (attempt.IsSpooled) batches.Done(attempt.Batch.Id, accepted: to == Location.Temporal);
    }

    void SetAside(Attempt attempt, string reason)
    {
        var batch = attempt.Batch;
        batches.Unlink(batch.Id);
        var path = batches.TrySetAside(batch);
        if (path is not null) Move(attempt, Location.Aside);
        else
        {
            books.Drop(attempt.From, DropReason.Refused, batch.RecordCount);
            reporter.OnDropped(DropReason.Refused, batch.RecordCount, batch.Events);
            if (attempt.IsSpooled) batches.Done(batch.Id, accepted: false);
        }
        var fate = path is null ? "lost" : $"in {path}";
        reporter.Log("refused",
            $"Temporal refuses batch {batch.Id} for good: {reason} Its {batch.RecordCount} records are {fate}.");
    }

    /// <summary>Puts a batch that is in memory on disk, or holds it in memory until the disk takes it.</summary>
    void PutOnDisk(FrozenBatch batch)
    {
        if (!overflow!.TryPut(batch)) _held = (batch, IsForDisk: true);
    }

    /// <summary>The start that runs.</summary>
    sealed record Attempt(FrozenBatch Batch, Task<PublishOutcome> Outcome)
    {
        /// <summary>It was read from the disk, or put there meanwhile.</summary>
        public bool IsSpooled { get; set; } = Batch.Queued is null;

        public Location From => IsSpooled ? Location.Spool : Location.Queue;
    }
}
