using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace TemporalDevServer.Grpc;

/// <summary>
/// How much of the server those who reach its port may hold, and for how long. Callers of one machine or one site stay
/// far below all of these.
/// </summary>
static class ServerLimits
{
    const int ConnectionsMax = 1000;
    const int StreamsMax = 1000;
    const int WindowBytes = 1024 * 1024;
    const int BytesPerSecondMin = 240;

    /// <summary>Calls under way, those that wait for a task or an event among them.</summary>
    public const int CallsMax = 20_000;

    /// <summary>Requests that have arrived in part, or wait for their answer.</summary>
    public const long RequestBytesMax = 256L * 1024 * 1024;

    /// <summary>4 MiB arrive within this at 140 kB a second.</summary>
    public static readonly TimeSpan ArrivalMax = TimeSpan.FromSeconds(30);

    public static void Set(KestrelServerLimits limits)
    {
        limits.MaxConcurrentConnections = ConnectionsMax;
        // A connection without a call, or that never says anything, is closed; clients make a new one by themselves.
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        // A message's length is checked before it is read (RequestBudget and the gRPC library), and refused with a
        // gRPC status.
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = new MinDataRate(BytesPerSecondMin, TimeSpan.FromSeconds(10));
        // A client that stands in a debugger may take its time.
        limits.MinResponseDataRate = new MinDataRate(BytesPerSecondMin, TimeSpan.FromSeconds(30));
        limits.Http2.MaxStreamsPerConnection = StreamsMax;
        limits.Http2.InitialConnectionWindowSize = WindowBytes;
        limits.Http2.InitialStreamWindowSize = WindowBytes / 2;
        // A peer that is gone without a word leaves long polls behind.
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
    }
}
