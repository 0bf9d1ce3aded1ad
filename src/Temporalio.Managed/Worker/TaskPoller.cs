using System.Numerics;
using Microsoft.Extensions.Logging;
using Temporalio.Worker.Tuning;

namespace Temporalio.Worker;

/// <summary>
/// Long-polls one task queue and hands each task to a handler on the thread pool. A slot is taken before a poll begins,
/// so that no task is accepted which cannot run at once. Stops in two stages: no more polls, then no more handlers.
/// </summary>
sealed class TaskPoller<TTask>
    where TTask : class
{
    /// <summary>An empty answer that comes sooner is no long poll's answer; it is backed off like an error.</summary>
    static readonly TimeSpan ShortestEmptyPoll = TimeSpan.FromMilliseconds(100);

    readonly TaskPollerOptions _options;
    readonly WorkerSlots _slots;
    readonly Func<CancellationToken, Task<Polled<TTask>>> _poll;
    readonly Func<TTask, WorkerSlot, bool, Task> _handle;
    readonly ILogger _logger;
    readonly CancellationTokenSource _stop = new();
    readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _lock = new();

    // Guarded by the lock.
    readonly PollerScaler _scaler;
    readonly List<Task> _loops = [];
    int _running;
    bool _stopped;
    int _failures;
    long _failingSince;
    TaskCompletionSource _recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="options">How many.</param>
    /// <param name="slots">May be shared with other pollers.</param>
    /// <param name="poll">One long poll. May return a task although its token was cancelled meanwhile.</param>
    /// <param name="handle">Handles one task to its end; true: it came by <see cref="Hand"/>. The slot is given back afterwards.</param>
    /// <param name="logger">Hears of polls that fail and handlers that throw.</param>
    public TaskPoller(
        TaskPollerOptions options, WorkerSlots slots, Func<CancellationToken, Task<Polled<TTask>>> poll, Func<TTask, WorkerSlot, bool, Task> handle, ILogger logger)
    {
        _options = options;
        _slots = slots;
        _poll = poll;
        _handle = handle;
        _logger = logger;
        _scaler = new(options.Pollers);
    }

    /// <summary>Ends with an exception when the server refuses all polls for good; never ends otherwise.</summary>
    public Task Failed => _failed.Task;

    public void Start() => StartMissing();

    /// <summary>Ends all polls; when this returns, no further task will be handed out. Handlers go on.</summary>
    public async Task StopPollingAsync()
    {
        Task[] loops;
        lock (_lock)
        {
            _stopped = true;
            loops = [.. _loops];
        }
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(loops).ConfigureAwait(false);
    }

    /// <summary>Waits for every handler. Comes after <see cref="StopPollingAsync"/>.</summary>
    public Task DrainAsync() => _slots.DrainAsync();

    /// <summary>Handles a task, one with a slot of its own that came by another way than a poll too.</summary>
    public void Hand(TTask task, WorkerSlot slot, bool eager) => _ = Task.Run(() => HandleAsync(task, slot, eager));

    /// <summary>Goes on with fewer polls; those that are too many end with their next answer.</summary>
    public void Limit(int pollers)
    {
        lock (_lock) _scaler.Limit(pollers);
    }

    void StartMissing()
    {
        lock (_lock)
        {
            if (_stopped) return;
            _loops.RemoveAll(l => l.IsCompleted);
            for (; _running < _scaler.Target; _running++) _loops.Add(Task.Run(PollAsync));
            _options.PollersChanged?.Invoke(_running);
        }
    }

    async Task PollAsync()
    {
        while (!_stop.IsCancellationRequested && StayOn())
        {
            if (await TakeSlotAsync().ConfigureAwait(false) is not { } slot) return;
            var began = _options.Time.GetTimestamp();
            Polled<TTask> polled = default;
            Exception? error = null;
            try
            {
                polled = await _poll(_stop.Token).ConfigureAwait(false);
            }
            // The loop's edge: whatever a poll throws, the next one may work, and a poller that ended would be missed silently.
            catch (Exception e)
            {
                error = e;
            }
            if (polled.Task is { } task)
            {
                Hand(task, slot, eager: false);
                Succeeded(polled.PollersDelta, empty: false);
                continue;
            }
            slot.Release();
            if (_stop.IsCancellationRequested) return;
            if (error == null && _options.Time.GetElapsedTime(began) >= ShortestEmptyPoll)
            {
                Succeeded(polled.PollersDelta, empty: true);
                continue;
            }
            if (!await BackOffAsync(error).ConfigureAwait(false)) return;
        }
    }

    // A poller more than are wanted leaves.
    bool StayOn()
    {
        lock (_lock)
        {
            if (_running <= _scaler.Target) return true;
            _options.PollersChanged?.Invoke(--_running);
            return false;
        }
    }

    async Task<WorkerSlot?> TakeSlotAsync()
    {
        try
        {
            var slot = await _slots.ReserveAsync(_options.Sticky, _stop.Token).ConfigureAwait(false);
            if (_options.Pacer is not { } pacer) return slot;
            try
            {
                await pacer.WaitAsync(_stop.Token).ConfigureAwait(false);
                return slot;
            }
            catch (OperationCanceledException)
            {
                slot.Release();
                return null;
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    // The first poll that works wakes those that still wait.
    void Succeeded(int? delta, bool empty)
    {
        TaskCompletionSource? recovered = null;
        lock (_lock)
        {
            if (_failures > 0)
            {
                PollerLog.Recovered(_logger, _options.Name, _failures);
                _failures = 0;
                recovered = _recovered;
                _recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            _scaler.Polled(delta, empty);
        }
        recovered?.SetResult();
        if (delta > 0) StartMissing();
    }

    /// <returns>False when polling was stopped meanwhile.</returns>
    async Task<bool> BackOffAsync(Exception? error)
    {
        int round;
        TimeSpan failing;
        Task recovered;
        lock (_lock)
        {
            if (_failures++ == 0) _failingSince = _options.Time.GetTimestamp();
            failing = _options.Time.GetElapsedTime(_failingSince);
            recovered = _recovered.Task;
            // All pollers together fail once a round.
            round = (_failures + _scaler.Target - 1) / _scaler.Target;
            if (error != null) _scaler.Failed(error);
        }
        if (error != null && PollBackoff.IsFatal(error, failing))
            _failed.TrySetException(new InvalidOperationException($"Poll failure: {error.Message}", error));
        var delay = PollBackoff.Delay(error, round, _options.Random());
        // A fault that lasts is told at ever longer distances.
        if (error != null && BitOperations.IsPow2(_failures)) PollerLog.PollFailed(_logger, error, _options.Name, _failures, delay);
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var slept = Task.Delay(delay, _options.Time, wait.Token);
        await Task.WhenAny(slept, recovered).ConfigureAwait(false);
        await wait.CancelAsync().ConfigureAwait(false);
        return !_stop.IsCancellationRequested;
    }

    async Task HandleAsync(TTask task, WorkerSlot slot, bool eager)
    {
        try
        {
            await _handle(task, slot, eager).ConfigureAwait(false);
        }
        // The edge of a handler: its task is lost to the server's timeout, the poller and the other tasks are not.
        catch (Exception e)
        {
            PollerLog.HandlerFailed(_logger, e, _options.Name);
        }
        finally
        {
            slot.Release();
        }
    }
}

/// <summary>What a poll brought.</summary>
/// <param name="Task">Null: nothing.</param>
/// <param name="PollersDelta">How many more or fewer polls the server wants.</param>
readonly record struct Polled<TTask>(TTask? Task, int? PollersDelta = null)
    where TTask : class;

/// <param name="Name">For the log: what is polled.</param>
/// <param name="Pollers">Polls at a time.</param>
sealed record TaskPollerOptions(string Name, PollerBehavior Pollers)
{
    /// <summary>Slots are asked for with this mark.</summary>
    public bool Sticky { get; init; }

    /// <summary>Every poll waits for its turn; null: no limit.</summary>
    public Pacer? Pacer { get; init; }

    /// <summary>Hears how many pollers there are.</summary>
    public Action<int>? PollersChanged { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Gives numbers from 0 to 1, for jitter.</summary>
    public Func<double> Random { get; init; } = System.Random.Shared.NextDouble;
}

static partial class PollerLog
{
    [LoggerMessage(5101, LogLevel.Warning, "Polling {Queue} failed {Failures} time(s) in a row; next try in {Delay}")]
    public static partial void PollFailed(ILogger logger, Exception error, string queue, int failures, TimeSpan delay);

    [LoggerMessage(5102, LogLevel.Information, "Polling {Queue} works again after {Failures} failure(s)")]
    public static partial void Recovered(ILogger logger, string queue, int failures);

    [LoggerMessage(5103, LogLevel.Error, "A task from {Queue} could not be handled; the server will give it out again when it times out")]
    public static partial void HandlerFailed(ILogger logger, Exception error, string queue);
}
