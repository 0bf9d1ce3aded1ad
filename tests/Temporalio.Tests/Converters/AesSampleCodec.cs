using System.Security.Cryptography;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace Temporalio.Tests.Converters;

/// <summary>
/// The format that Temporal's samples agree on in every language: <c>binary/encrypted</c>, the key's id beside it, and
/// as data a nonce of 12 bytes, the inner payload's ciphertext, and a tag of 16 bytes.
/// </summary>
sealed class AesSampleCodec : IPayloadCodec
{
    public const string KeyId = "test-key-id";
    const int NonceLength = 12, TagLength = 16;

    static readonly byte[] Key = "test-key-test-key-test-key-test!"u8.ToArray();

    public Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads) =>
        Task.FromResult<IReadOnlyCollection<Payload>>(payloads.Select(Encrypt).ToList());

    public Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads) =>
        Task.FromResult<IReadOnlyCollection<Payload>>(payloads
            .Select(p => p.Metadata.TryGetValue("encoding", out var e) && e.ToStringUtf8() == "binary/encrypted" ? Decrypt(p) : p)
            .ToList());

    static Payload Encrypt(Payload payload)
    {
        var plain = payload.ToByteArray();
        var data = new byte[NonceLength + plain.Length + TagLength];
        RandomNumberGenerator.Fill(data.AsSpan(0, NonceLength));
        using var aes = new AesGcm(Key, TagLength);
        aes.Encrypt(data.AsSpan(0, NonceLength), plain, data.AsSpan(NonceLength, plain.Length), data.AsSpan(NonceLength + plain.Length));
        return new()
        {
            Metadata =
            {
                ["encoding"] = ByteString.CopyFromUtf8("binary/encrypted"),
                ["encryption-key-id"] = ByteString.CopyFromUtf8(KeyId),
            },
            Data = ByteString.CopyFrom(data),
        };
    }

    static Payload Decrypt(Payload payload)
    {
        var data = payload.Data.Span;
        var plain = new byte[data.Length - NonceLength - TagLength];
        using var aes = new AesGcm(Key, TagLength);
        aes.Decrypt(data[..NonceLength], data[NonceLength..^TagLength], data[^TagLength..], plain);
        return Payload.Parser.ParseFrom(plain);
    }
}
