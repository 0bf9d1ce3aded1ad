using Temporalio.Exceptions;

namespace Temporalio.Worker;

/// <summary>
/// How long a poller waits after a poll that failed, so that no fault of a server is answered with a storm. Each delay
/// is up to a fifth shorter or longer.
/// <code>
/// busy server (RESOURCE_EXHAUSTED)     1 s, doubled up to 10 s
/// what does not pass by itself         10 s, and after a minute of it the worker ends
/// anything else                        200 ms, doubled up to 10 s
/// </code>
/// </summary>
static class PollBackoff
{
    static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);
    static readonly TimeSpan FatalGrace = TimeSpan.FromSeconds(60);

    /// <param name="error">Why the poll failed; null: it came back empty at once.</param>
    /// <param name="failures">Failed polls in a row, this one included.</param>
    /// <param name="random">0 to 1.</param>
    public static TimeSpan Delay(Exception? error, int failures, double random)
    {
        var delay = (error as RpcException)?.Code switch
        {
            { } code when Lasts(code) => LongestDelay,
            RpcException.StatusCode.ResourceExhausted => Doubled(TimeSpan.FromSeconds(1), failures),
            _ => Doubled(TimeSpan.FromMilliseconds(200), failures),
        };
        return delay * (0.8 + 0.4 * random);
    }

    /// <summary>Whether the worker should give up. Oddities of servers and proxies that are starting pass within a minute.</summary>
    public static bool IsFatal(Exception error, TimeSpan failing) => error is RpcException rpc && Lasts(rpc.Code) && failing > FatalGrace;

    static bool Lasts(RpcException.StatusCode code) => code is RpcException.StatusCode.InvalidArgument
        or RpcException.StatusCode.NotFound or RpcException.StatusCode.AlreadyExists or RpcException.StatusCode.PermissionDenied
        or RpcException.StatusCode.FailedPrecondition or RpcException.StatusCode.Unauthenticated or RpcException.StatusCode.Unimplemented;

    static TimeSpan Doubled(TimeSpan first, int failures)
    {
        var doublings = Math.Min(failures - 1, 16);
        var delay = first * Math.Pow(2, doublings);
        return delay < LongestDelay ? delay : LongestDelay;
    }
}
