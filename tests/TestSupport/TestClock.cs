using Microsoft.Extensions.Time.Testing;

namespace LogPipeline.TestSupport;

/// <summary>
/// Time that moves only when a test says so, and that tells, as <see cref="FakeTimeProvider"/> does not, when the code under
/// test has come to wait for it: to advance before that would be to advance for nobody.
/// </summary>
public sealed class TestClock(DateTimeOffset? start = null)
    : FakeTimeProvider(start ?? new DateTimeOffset(2026, 11, 21, 8, 0, 0, TimeSpan.Zero))
{
    readonly Lock _gate = new();
    // Under the gate.
    readonly HashSet<WatchedTimer> _set = [];
    TaskCompletionSource _changed = NewSignal();
    long _setBy;

    /// <summary>Sets the wall's clock and nothing else: no time passes.</summary>
    public void Set(TimeSpan by) => Interlocked.Add(ref _setBy, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _setBy));

    // Its own comes from GetUtcNow.
    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Timers that are set and have not fired.</summary>
    public int TimerCount
    {
        get { lock (_gate) return _set.Count; }
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
                if (_set.Count >= count) return;
                changed = _changed.Task;
            }
            await changed.WaitAsync(limit.Token).ConfigureAwait(false);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new WatchedTimer(this, callback);
        timer.Inner = base.CreateTimer(timer.Fire, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(dueTime, period);
        return timer;
    }

    void Note(WatchedTimer timer, bool isSet)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (isSet) _set.Add(timer);
            else _set.Remove(timer);
            changed = _changed;
            _changed = NewSignal();
        }
        changed.SetResult();
    }

    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    sealed class WatchedTimer(TestClock clock, TimerCallback callback) : ITimer
    {
        bool _isPeriodic;

        public ITimer Inner { get; set; } = null!;

        public void Fire(object? state)
        {
            if (!_isPeriodic) clock.Note(this, isSet: false);
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _isPeriodic = period > TimeSpan.Zero;
            clock.Note(this, isSet: dueTime != Timeout.InfiniteTimeSpan);
            return Inner.Change(dueTime, period);
        }

        public void Dispose()
        {
            clock.Note(this, isSet: false);
            Inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
