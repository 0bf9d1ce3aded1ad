using System.Security.Cryptography;
using Google.Protobuf;
using Temporalio.Api.Common.V1;

namespace LogPipeline.Workflows.Codecs;

/// <summary>
/// The form that Temporal's samples share in every language, so that their codec servers and clients read it: encoding
/// <c>binary/encrypted</c>, the key's id as <c>encryption-key-id</c>, and as data
/// <code>nonce (12 bytes, random) | AES-256-GCM of the whole inner payload, serialized | tag (16 bytes)</code>
/// A random nonce of 96 bits is good for 2^32 payloads a key; change keys before.
/// </summary>
static class EncryptedPayload
{
    public const string Encoding = "binary/encrypted";
    public const string KeyIdName = "encryption-key-id";

    const int NonceLength = 12;
    const int TagLength = 16;

    static readonly ByteString EncodingBytes = ByteString.CopyFromUtf8(Encoding);

    public static bool Is(Payload payload) =>
        payload.Metadata.TryGetValue("encoding", out var encoding) && encoding == EncodingBytes;

    /// <param name="payload">What to encrypt.</param>
    /// <param name="keys">Not empty.</param>
    public static Payload Encrypt(Payload payload, KeyRing keys)
    {
        var length = payload.CalculateSize();
        var data = new byte[NonceLength + length + TagLength];
        var nonce = data.AsSpan(0, NonceLength);
        var content = data.AsSpan(NonceLength, length);
        RandomNumberGenerator.Fill(nonce);
        payload.WriteTo(content);
        using var aes = new AesGcm(keys.Find(keys.EncryptingId!)!, TagLength);
        aes.Encrypt(nonce, content, content, data.AsSpan(NonceLength + length));
        return new Payload
        {
            Metadata = { ["encoding"] = EncodingBytes, [KeyIdName] = ByteString.CopyFromUtf8(keys.EncryptingId!) },
            Data = UnsafeByteOperations.UnsafeWrap(data),
        };
    }

    /// <exception cref="PayloadNotReadableException">The ring lacks its key, or it was changed on the way, or encrypted
    /// with another key of the same id.</exception>
    public static Payload Decrypt(Payload payload, KeyRing keys)
    {
        var id = payload.Metadata.TryGetValue(KeyIdName, out var bytes) ? Sanitize(bytes.ToStringUtf8()) : "";
        if (keys.Find(id) is not { } key) throw PayloadNotReadableException.KeyMissing(id, keys);
        var data = payload.Data.Span;
        if (data.Length < NonceLength + TagLength)
            throw new PayloadNotReadableException(
                $"A payload that names key '{id}' has {data.Length} bytes and is not whole.");
        var content = new byte[data.Length - NonceLength - TagLength];
        try
        {
            using var aes = new AesGcm(key, TagLength);
            aes.Decrypt(data[..NonceLength], data[NonceLength..^TagLength], data[^TagLength..], content);
            return Payload.Parser.ParseFrom(content);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw PayloadNotReadableException.KeyWrong(id, e);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new PayloadNotReadableException($"What was encrypted with key '{id}' is no payload.", e);
        }
    }

    // An id from outside goes into messages.
    static string Sanitize(string id) =>
        string.Concat((id.Length > PipelineDefaults.NameLengthMax ? id[..PipelineDefaults.NameLengthMax] : id)
            .Select(c => char.IsControl(c) ? '?' : c));
}
