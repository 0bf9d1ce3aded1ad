namespace LogPipeline.Publisher.Publishing;

enum PublishStep
{
    /// <summary>Nothing to do until something happens or the time in the decision has passed.</summary>
    Wait,
    StartHeld,
    StartSpooled,
    StartPending,
    SpillHeld,
    SpillPending,
}

/// <summary>
/// Decides what the publish loop does next. Batches of a process are started one after the other, oldest first, so that
/// whatever Temporal holds, it holds everything before that too; what cannot go at once goes to the disk, behind what
/// is there. Batches need no parallel starts to be fast: while one start is under way the next batch grows.
/// </summary>
/// <param name="FlushCount">Pending records that are sent at once.</param>
/// <param name="FlushInterval">Longest time a record waits for others.</param>
/// <param name="SpillInterval">Longest time a record stays in memory when Temporal is not reached or the spool must
/// drain first.</param>
readonly record struct PublishPolicy(int FlushCount, TimeSpan FlushInterval, TimeSpan SpillInterval)
{
    static readonly TimeSpan Idle = Timeout.InfiniteTimeSpan;
    static readonly TimeSpan DefaultSpillInterval = TimeSpan.FromSeconds(1);

    public PublishPolicy(TemporalSinkOptions options) : this(options.BufferSize, options.FlushInterval,
        options.FlushInterval < DefaultSpillInterval ? options.FlushInterval : DefaultSpillInterval)
    {
    }

    /// <returns>The step; with <see cref="PublishStep.Wait"/>, how long at most.</returns>
    public (PublishStep Step, TimeSpan Wait) Decide(in PublishView view)
    {
        var mayStart = !view.IsStarting && view.RetryIn <= TimeSpan.Zero;
        // While Temporal is away anything makes a trial: waiting for others would send it to the disk first, time after
        // time.
        var isRipe = view.PendingCount > 0
            && (!view.IsReachable || view.PendingCount >= FlushCount || view.PendingIsUrgent
                || view.PendingAge >= FlushInterval || view.IsClosing);
        if (mayStart)
        {
            if (view.IsHolding && view.HeldIsOldest) return (PublishStep.StartHeld, default);
            if (view.SpoolHasBatches) return (PublishStep.StartSpooled, default);
            if (isRipe && !view.IsHolding) return (PublishStep.StartPending, default);
        }

        var isBehind = !view.IsReachable || view.SpoolHasBatches || view.RetryIn > TimeSpan.Zero;
        if (view.HeldIsForDisk)
        {
            // What waits behind a held batch must stay behind it.
            if (view.IsStarting) return (PublishStep.Wait, Idle);
            return view.DiskRetryIn <= TimeSpan.Zero
                ? (PublishStep.SpillHeld, default) : (PublishStep.Wait, Earliest(view, view.DiskRetryIn));
        }
        var spillAge = view.IsClosing ? TimeSpan.Zero : SpillInterval;
        if (view.PendingCount > 0 && !view.PendingIsOnDisk)
        {
            var isDue = (view.QueueIsFilling && !mayStart) || (isBehind && view.PendingAge >= spillAge);
            if (isDue) return view.DiskRetryIn <= TimeSpan.Zero
                ? (PublishStep.SpillPending, default) : (PublishStep.Wait, Earliest(view, view.DiskRetryIn));
        }
        if (view.PendingCount == 0) return (PublishStep.Wait, Earliest(view, Idle));
        var dueAge = isBehind ? spillAge : FlushInterval;
        var isIdle = isBehind ? view.PendingIsOnDisk : view.IsStarting;
        return (PublishStep.Wait, Earliest(view, isIdle ? Idle : Positive(dueAge - view.PendingAge)));
    }

    /// <summary>The earlier of a time and the next allowed attempt, if there is anything to attempt.</summary>
    static TimeSpan Earliest(in PublishView view, TimeSpan wait)
    {
        var hasWork = view.PendingCount > 0 || view.SpoolHasBatches || view.IsHolding;
        if (view.IsStarting || !hasWork || view.RetryIn <= TimeSpan.Zero) return wait;
        return wait == Idle || view.RetryIn < wait ? view.RetryIn : wait;
    }

    static TimeSpan Positive(TimeSpan wait) =>
        wait > TimeSpan.FromMilliseconds(1) ? wait : TimeSpan.FromMilliseconds(1);
}
