using Temporalio.Activities;

namespace Temporalio.Worker;

/// <summary>
/// Ends an attempt on this worker a little after the server gave it up, so that one that never heartbeats does not
/// keep its slot. Schedule-to-close is left to the server: it begins before this worker's clock could tell.
/// </summary>
sealed class LocalTimeouts : IDisposable
{
    readonly TimeSpan? _heartbeat;
    readonly ITimer? _startToCloseTimer;
    readonly ITimer? _heartbeatTimer;

    public LocalTimeouts(ActivityInfo info, TimeSpan buffer, TimeProvider time, Action expired)
    {
        _heartbeat = info.HeartbeatTimeout + buffer;
        _startToCloseTimer = Timer(info.StartToCloseTimeout + buffer);
        _heartbeatTimer = Timer(_heartbeat);

        ITimer? Timer(TimeSpan? due) =>
            // A timer takes at most 49 days; the server ends what lasts longer.
            due is { TotalMilliseconds: < uint.MaxValue - 1 } after ? time.CreateTimer(_ => expired(), null, after, Timeout.InfiniteTimeSpan) : null;
    }

    /// <summary>The server took a heartbeat: its time begins anew.</summary>
    public void HeartbeatArrived()
    {
        if (_heartbeat is { } due) _heartbeatTimer?.Change(due, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _startToCloseTimer?.Dispose();
        _heartbeatTimer?.Dispose();
    }
}
