using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LogPipeline.Worker.Web;

/// <summary>How much of the server those who reach its port may hold, and for how long.</summary>
static class WebLimits
{
    /// <summary>Longest request of an endpoint that names no other bound.</summary>
    const long RequestBytesMax = 4096;

    const int HeaderBytesMax = 16 * 1024;
    const int BytesPerSecondMin = 240;
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public static void Set(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = RequestBytesMax;
        limits.MaxRequestLineSize = HeaderBytesMax / 2;
        limits.MaxRequestHeadersTotalSize = HeaderBytesMax;
        limits.RequestHeadersTimeout = Grace;
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        limits.MinRequestBodyDataRate = new MinDataRate(BytesPerSecondMin, Grace);
        // Whoever does not read what was asked for is left.
        limits.MinResponseDataRate = new MinDataRate(BytesPerSecondMin, Grace);
    }
}
