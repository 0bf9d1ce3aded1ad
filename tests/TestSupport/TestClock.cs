namespace LogPipeline.TestSupport;

/// <summary>
/// Time that moves only when a test says so. Timers that come due in an <see cref="Advance"/> fire in order, each at its
/// own instant, on the thread that advances.
/// </summary>
public sealed class TestClock : TimeProvider
{
    readonly object _gate = new();
    readonly List<Timer> _timers = [];
    readonly DateTimeOffset _start;
    TimeSpan _elapsed;
    TaskCompletionSource _changed = NewSignal();

    public TestClock(DateTimeOffset? start = null) => _start = start ?? new DateTimeOffset(2026, 11, 21, 8, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) return _start + _elapsed;
    }

    public override long GetTimestamp()
    {
        lock (_gate) return _elapsed.Ticks;
    }

    /// <summary>Timers that are set and have not fired.</summary>
    public int TimerCount
    {
        get { lock (_gate) return _timers.Count; }
    }

    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        TimeSpan end;
        lock (_gate) end = _elapsed + by;
        while (true)
        {
            Timer? due;
            lock (_gate)
            {
                due = _timers.Where(t => t.Due <= end).MinBy(t => t.Due);
                if (due is null)
                {
                    _elapsed = end;
                    return;
                }
                if (due.Due > _elapsed) _elapsed = due.Due;
                due.Rearm();
            }
            due.Fire();
        }
    }

    /// <summary>Completes once at least <paramref name="count"/> timers are set: the code under test is waiting.</summary>
    public async Task TimersAsync(int count = 1, TimeSpan? waitMax = null)
    {
        using var limit = new CancellationTokenSource(waitMax ?? TimeSpan.FromSeconds(30));
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_timers.Count >= count) return;
                changed = _changed.Task;
            }
            await changed.WaitAsync(limit.Token);
        }
    }

    /// <summary>Completes once somebody sleeps for exactly so long from now; fails after ten real seconds.</summary>
    public async Task SleeperAsync(TimeSpan due)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_timers.Any(t => t.Due == _elapsed + due)) return;
                changed = _changed.Task;
            }
            await changed.WaitAsync(limit.Token);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    sealed class Timer(TestClock clock, TimerCallback callback, object? state) : ITimer
    {
        TimeSpan _period = Timeout.InfiniteTimeSpan;
        bool _disposed;

        public TimeSpan Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            TaskCompletionSource changed;
            lock (clock._gate)
            {
                if (_disposed) return false;
                clock._timers.Remove(this);
                _period = period;
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = clock._elapsed + dueTime;
                clock._timers.Add(this);
                changed = clock._changed;
                clock._changed = NewSignal();
            }
            changed.SetResult();
            // A real timer that is due at once fires without waiting for time to move.
            if (dueTime <= TimeSpan.Zero) ThreadPool.UnsafeQueueUserWorkItem(_ => clock.Advance(TimeSpan.Zero), null);
            return true;
        }

        public void Rearm()
        {
            if (_period == Timeout.InfiniteTimeSpan || _period == TimeSpan.Zero) clock._timers.Remove(this);
            else Due += _period;
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (clock._gate)
            {
                _disposed = true;
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
