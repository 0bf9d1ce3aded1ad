using System.Security.Cryptography;
using System.Text;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Grpc;

/// <summary>Whether a call shows the key. Takes as long for a wrong key that begins well as for any other.</summary>
sealed class ApiKeyCheck(string key)
{
    readonly byte[] _wanted = SHA256.HashData(Encoding.UTF8.GetBytes($"Bearer {key}"));

    /// <exception cref="ServiceError">It does not.</exception>
    public void Check(string? authorization)
    {
        if (authorization is null || !CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(authorization)), _wanted))
            throw new ServiceError(ErrorCode.Unauthenticated, "Request unauthorized: the API key is missing or wrong.");
    }
}
