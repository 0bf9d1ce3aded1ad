using Microsoft.AspNetCore.Http;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Grpc;

/// <summary>
/// Says in Temporal's words that a request was too large. Its SDKs know it by them, and fail the workflow task for good
/// instead of trying it for ever.
/// </summary>
static class TooLargeSentence
{
    // How the library begins it.
    const string Library = "Received message exceeds";
    const string ResourceExhausted = "8";

    public static async Task SayAsync(HttpContext context, RequestDelegate next)
    {
        await next(context).ConfigureAwait(false);
        var headers = context.Response.Headers;
        if (context.Response.HasStarted || headers.GrpcStatus != ResourceExhausted) return;
        if (headers.GrpcMessage.ToString().StartsWith(Library, StringComparison.Ordinal))
            headers.GrpcMessage = $"grpc: received message larger than max ({Limits.MessageBytesMax})";
    }
}
