using Temporalio.Exceptions;

namespace Temporalio.Worker;

/// <summary>
/// How long a poller waits after a poll that failed, so that no fault of a server is answered with a storm. Each delay
/// is up to a fifth shorter or longer.
/// <code>
/// busy server (RESOURCE_EXHAUSTED)     1 s, doubled up to 10 s
/// credentials refused                  30 s
/// anything else                        200 ms, doubled up to 10 s
/// </code>
/// </summary>
static class PollBackoff
{
    static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);
    static readonly TimeSpan AuthenticationDelay = TimeSpan.FromSeconds(30);

    /// <param name="error">Why the poll failed; null: it came back empty at once.</param>
    /// <param name="failures">Failed polls in a row, this one included.</param>
    /// <param name="random">0 to 1.</param>
    public static TimeSpan Delay(Exception? error, int failures, double random)
    {
        var delay = (error as RpcException)?.Code switch
        {
            RpcException.StatusCode.Unauthenticated or RpcException.StatusCode.PermissionDenied => AuthenticationDelay,
            RpcException.StatusCode.ResourceExhausted => Doubled(TimeSpan.FromSeconds(1), failures),
            _ => Doubled(TimeSpan.FromMilliseconds(200), failures),
        };
        return delay * (0.8 + 0.4 * random);
    }

    static TimeSpan Doubled(TimeSpan first, int failures)
    {
        var doublings = Math.Min(failures - 1, 16);
        var delay = first * Math.Pow(2, doublings);
        return delay < LongestDelay ? delay : LongestDelay;
    }
}
