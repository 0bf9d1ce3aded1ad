using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace TemporalDevServer.Grpc;

/// <summary>
/// Lets calls with the key pass, before anything of a request's body is kept. The comparison takes the same time for
/// every key.
/// </summary>
sealed class ApiKeyCheck(string key)
{
    readonly byte[] _wanted = SHA256.HashData(Encoding.UTF8.GetBytes($"Bearer {key}"));

    public Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        var shown = SHA256.HashData(Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString()));
        if (CryptographicOperations.FixedTimeEquals(shown, _wanted)) return next(context);
        GrpcRefusal.Write(
            context, StatusCode.Unauthenticated, "Request unauthorized: the API key is missing or wrong.");
        return Task.CompletedTask;
    }
}
