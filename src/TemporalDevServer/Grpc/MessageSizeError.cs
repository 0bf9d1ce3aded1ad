using Microsoft.AspNetCore.Http;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Grpc;

/// <summary>
/// Translates the library's error for a request that is too large into Temporal's message. SDKs recognize the message,
/// and fail the workflow task for good instead of retrying it for ever.
/// </summary>
static class MessageSizeError
{
    // How the library's message begins.
    const string Library = "Received message exceeds";
    const string ResourceExhausted = "8";

    public static async Task TranslateAsync(HttpContext context, RequestDelegate next)
    {
        await next(context).ConfigureAwait(false);
        var headers = context.Response.Headers;
        if (context.Response.HasStarted || headers.GrpcStatus != ResourceExhausted) return;
        if (headers.GrpcMessage.ToString().StartsWith(Library, StringComparison.Ordinal))
            headers.GrpcMessage = $"grpc: received message larger than max ({Limits.MessageBytesMax})";
    }
}
