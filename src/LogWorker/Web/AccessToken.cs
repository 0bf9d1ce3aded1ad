using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace LogPipeline.Worker.Web;

/// <summary>What callers show to be let in.</summary>
/// <param name="token">Null: everybody is let in.</param>
sealed class AccessToken(string? token)
{
    readonly byte[]? _expected = token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes("Bearer " + token));

    public bool IsRequired => _expected is not null;

    /// <summary>Whether the request has it; the time that this takes does not tell how near a wrong one is.</summary>
    public bool IsHeldBy(HttpRequest request) => _expected is null || CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(request.Headers.Authorization.ToString())), _expected);
}
