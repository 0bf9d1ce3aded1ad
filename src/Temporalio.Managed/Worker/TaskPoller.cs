using System.Numerics;
using Microsoft.Extensions.Logging;

namespace Temporalio.Worker;

/// <summary>
/// Long-polls one task queue and hands each task to a handler on the thread pool. A slot is taken before a poll begins,
/// so that no task is accepted which cannot run at once. Stops in two stages: no more polls, then no more handlers.
/// </summary>
sealed partial class TaskPoller<TTask>
    where TTask : class
{
    /// <summary>An empty answer that comes sooner is no long poll's answer; it is backed off like an error.</summary>
    static readonly TimeSpan ShortestEmptyPoll = TimeSpan.FromMilliseconds(100);

    readonly TaskPollerOptions _options;
    readonly Func<CancellationToken, Task<TTask?>> _poll;
    readonly Func<TTask, Task> _handle;
    readonly ILogger _logger;
    readonly SemaphoreSlim _slots;
    readonly CancellationTokenSource _stop = new();
    readonly Lazy<Task> _drained;
    Task _polling = Task.CompletedTask;

    /// <param name="options">How many.</param>
    /// <param name="poll">One long poll; null: nothing came. May return a task although its token was cancelled meanwhile.</param>
    /// <param name="handle">Handles one task to its end.</param>
    /// <param name="logger">Hears of polls that fail and handlers that throw.</param>
    public TaskPoller(TaskPollerOptions options, Func<CancellationToken, Task<TTask?>> poll, Func<TTask, Task> handle, ILogger logger)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Pollers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Slots);
        _options = options;
        _poll = poll;
        _handle = handle;
        _logger = logger;
        _slots = new(options.Slots, options.Slots);
        _drained = new(WaitForAllSlotsAsync);
    }

    /// <summary>Slots that no poll and no handler holds.</summary>
    public int FreeSlots => _slots.CurrentCount;

    public void Start() => _polling = Task.WhenAll(Enumerable.Range(0, _options.Pollers).Select(_ => Task.Run(PollAsync)));

    /// <summary>Ends all polls; when this returns, no further task will be handed out. Handlers go on.</summary>
    public async Task StopPollingAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _polling.ConfigureAwait(false);
    }

    /// <summary>Waits for every handler. Comes after <see cref="StopPollingAsync"/>.</summary>
    public Task DrainAsync() => _drained.Value;

    async Task PollAsync()
    {
        var failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            if (!await TakeSlotAsync().ConfigureAwait(false)) return;
            var began = _options.Time.GetTimestamp();
            TTask? task = null;
            Exception? error = null;
            try
            {
                task = await _poll(_stop.Token).ConfigureAwait(false);
            }
            // The loop's edge: whatever a poll throws, the next one may work, and a poller that ended would be missed silently.
            catch (Exception e)
            {
                error = e;
            }
            if (task != null)
            {
                if (failures > 0) PollerLog.Recovered(_logger, _options.Name, failures);
                failures = 0;
                _ = Task.Run(() => HandleAsync(task));
                continue;
            }
            _slots.Release();
            if (_stop.IsCancellationRequested) return;
            if (error == null && _options.Time.GetElapsedTime(began) >= ShortestEmptyPoll)
            {
                failures = 0;
                continue;
            }
            if (!await BackOffAsync(error, ++failures).ConfigureAwait(false)) return;
        }
    }

    async Task<bool> TakeSlotAsync()
    {
        try
        {
            await _slots.WaitAsync(_stop.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <returns>False when polling was stopped meanwhile.</returns>
    async Task<bool> BackOffAsync(Exception? error, int failures)
    {
        var delay = PollBackoff.Delay(error, failures, _options.Random());
        // A fault that lasts is told at ever longer distances.
        if (error != null && BitOperations.IsPow2(failures)) PollerLog.PollFailed(_logger, error, _options.Name, failures, delay);
        try
        {
            await Task.Delay(delay, _options.Time, _stop.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    async Task HandleAsync(TTask task)
    {
        try
        {
            await _handle(task).ConfigureAwait(false);
        }
        // The edge of a handler: its task is lost to the server's timeout, the poller and the other tasks are not.
        catch (Exception e)
        {
            PollerLog.HandlerFailed(_logger, e, _options.Name);
        }
        finally
        {
            _slots.Release();
        }
    }

    async Task WaitForAllSlotsAsync()
    {
        for (var i = 0; i < _options.Slots; i++) await _slots.WaitAsync().ConfigureAwait(false);
    }
}

/// <param name="Name">For the log: what is polled.</param>
/// <param name="Pollers">Polls at a time.</param>
/// <param name="Slots">Tasks at a time.</param>
sealed record TaskPollerOptions(string Name, int Pollers, int Slots)
{
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
