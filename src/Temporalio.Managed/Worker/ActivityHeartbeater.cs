using Temporalio.Api.Common.V1;

namespace Temporalio.Worker;

/// <summary>
/// Throttles one attempt's heartbeats: the first goes at once, then one goes each interval with the latest details.
/// The last details always go, except when the attempt completed, as nobody will read them then.
/// </summary>
sealed class ActivityHeartbeater(TimeSpan interval, Func<IReadOnlyCollection<Payload>, Task> send, TimeProvider time)
{
    readonly CancellationTokenSource _finishing = new();
    readonly Lock _gate = new();

    // Guarded by the gate.
    IReadOnlyCollection<Payload>? _latest;
    bool _sending;
    bool _finished;
    Task _loop = Task.CompletedTask;

    /// <summary>0.8 of the heartbeat timeout (default when there is none), at most the maximum.</summary>
    public static TimeSpan ThrottleInterval(TimeSpan? heartbeatTimeout, TimeSpan defaultInterval, TimeSpan maximum)
    {
        var interval = heartbeatTimeout is { } timeout && timeout > TimeSpan.Zero ? timeout * 0.8 : defaultInterval;
        return interval < maximum ? interval : maximum;
    }

    /// <summary>From any thread; returns at once. Nothing is recorded once the attempt is finished.</summary>
    public void Record(IReadOnlyCollection<Payload> details)
    {
        lock (_gate)
        {
            if (_finished) return;
            _latest = details;
            if (_sending) return;
            _sending = true;
            _loop = Task.Run(SendAsync);
        }
    }

    /// <summary>Ends the throttling; when this returns, no heartbeat is under way.</summary>
    /// <param name="flush">Whether details that wait for their turn go now.</param>
    public async Task FinishAsync(bool flush)
    {
        Task loop;
        lock (_gate)
        {
            _finished = true;
            if (!flush) _latest = null;
            loop = _loop;
        }
        await _finishing.CancelAsync().ConfigureAwait(false);
        await loop.ConfigureAwait(false);
    }

    async Task SendAsync()
    {
        while (TakeLatest() is { } details)
        {
            var began = time.GetTimestamp();
            await send(details).ConfigureAwait(false);
            await WaitAsync(interval - time.GetElapsedTime(began)).ConfigureAwait(false);
        }
    }

    IReadOnlyCollection<Payload>? TakeLatest()
    {
        lock (_gate)
        {
            var details = _latest;
            _latest = null;
            _sending = details != null;
            return details;
        }
    }

    async Task WaitAsync(TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero) return;
        try
        {
            await Task.Delay(delay, time, _finishing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Finishing: what is left goes without waiting.
        }
    }
}
