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
        Require(context);
        return continuation(request, context);
    }

    /// <summary>The health service has a call of this kind.</summary>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Require(context);
        return continuation(request, responseStream, context);
    }

    void Require(ServerCallContext context)
    {
        var shown = SHA256.HashData(Encoding.UTF8.GetBytes(context.RequestHeaders.GetValue("authorization") ?? ""));
        if (CryptographicOperations.FixedTimeEquals(shown, _wanted)) return;
        throw new RpcException(
            new Status(StatusCode.Unauthenticated, "Request unauthorized: the API key is missing or wrong."));
    }
}
