namespace TemporalDevServer.Engine;

/// <summary>
/// When each run next needs attention by itself. The instant is computed from what the run holds whenever that changes,
/// so there are no timers to keep in step with it, and a restored engine has the same ones.
/// </summary>
sealed class Deadlines(EngineState state, EngineStep step, RunIndex runs, IHistoryArchive archive)
{
    readonly SortedSet<(long Due, long Number)> _runs = [];

    // Closed runs in the order of their closing, and the bytes of their histories.
    readonly SortedSet<(long CloseTime, long Number)> _closed = [];
    long _closedBytes;

    /// <summary>The earliest of all; 0: none.</summary>
    public long Next
    {
        get
        {
            var next = _runs.Count > 0 ? _runs.Min.Due : 0;
            return state.TaskQueues.Count > 0 ? Ticks.Earlier(next, Math.Max(state.NextHousekeeping, 1)) : next;
        }
    }

    /// <summary>The run has changed.</summary>
    public void Update(Run run)
    {
        if (!run.IsOpen && _closed.Add((run.State.CloseTime, run.Number))) _closedBytes += run.State.HistoryBytes;
        var due = DueTimes.Of(run);
        if (due == run.Due) return;
        if (run.Due != 0) _runs.Remove((run.Due, run.Number));
        if (due != 0) _runs.Add((due, run.Number));
        run.Due = due;
    }

    /// <summary>
    /// The run that closed first, when there are more closed runs than the server keeps; null otherwise.
    /// </summary>
    public Run? Surplus() =>
        _closed.Count > Limits.ClosedRunsMax
            || _closed.Count > 0 && archive is NoArchive && _closedBytes > Limits.ClosedBytesInMemoryMax
            ? runs.ByNumber(_closed.Min.Number)
            : null;

    public void Remove(Run run)
    {
        if (_closed.Remove((run.State.CloseTime, run.Number))) _closedBytes -= run.State.HistoryBytes;
        if (run.Due != 0) _runs.Remove((run.Due, run.Number));
        run.Due = 0;
        run.IsRemoved = true;
    }

    /// <summary>The first run that is due, taken out; null when none is.</summary>
    public Run? TakeDue()
    {
        if (_runs.Count == 0 || _runs.Min.Due > step.Now) return null;
        var first = _runs.Min;
        _runs.Remove(first);
        var run = runs.ByNumber(first.Number)!;
        run.Due = 0;
        runs.Touch(run);
        return run;
    }
}
