using System.Security.Cryptography;
using Grpc.Core.Interceptors;

namespace TemporalDevServer.Grpc;

/// <summary>
/// Lets calls with the key pass. The comparison takes the same time for every key.
/// </summary>
sealed class ApiKeyCheck(string key) : Interceptor
{
    readonly byte[] _wanted = SHA256.HashData(Encoding.UTF8.GetBytes($"Bearer {key}"));

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        var shown = SHA256.HashData(Encoding.UTF8.GetBytes(context.RequestHeaders.GetValue("authorization") ?? ""));
        if (CryptographicOperations.FixedTimeEquals(shown, _wanted)) return continuation(request, context);
        throw new RpcException(
            new Status(StatusCode.Unauthenticated, "Request unauthorized: the API key is missing or wrong."));
    }
}
