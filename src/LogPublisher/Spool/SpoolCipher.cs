using System.Security.Cryptography;
using LogPipeline.Publisher.Capture;
using LogPipeline.Workflows.Codecs;

namespace LogPipeline.Publisher.Spool;

// An encrypted record's content; what stands before it in the payload (number, time, level, kind, channel) is
// authenticated with it:
//
//   1   length of the key's id
//   n   id of the key, ASCII
//   12  nonce: a count of this process, little-endian
//   n   AES-256-GCM of the content
//   16  tag
//   1   a line feed: no frame ends in a zero, see RecordSegment.cs
//
// The key is HKDF-SHA256 (RFC 5869) of the ring's key, with the journal's name as salt, so that a run of an application
// never repeats a nonce of another.

/// <summary>
/// Encrypts the records of one journal where there is a key, with the ring that encrypts what goes to Temporal.
/// Encrypting is under the intake's lock, decrypting is the publish loop's.
/// </summary>
sealed class SpoolCipher
{
    const int NonceLength = 12;
    const int TagLength = 16;
    const int KeyLength = 32;

    /// <summary>What an encrypted record takes beyond itself, at most.</summary>
    public const int OverheadMax = 1 + LogPipeline.Workflows.PipelineDefaults.NameLengthMax + NonceLength + TagLength + 1;

    static readonly byte[] Purpose = "LogPipeline spool 1"u8.ToArray();

    readonly KeyRing _keys;
    readonly byte[] _salt;
    readonly byte[] _keyId;
    readonly AesGcm? _encrypting;
    readonly Dictionary<string, AesGcm?> _decrypting = new(StringComparer.Ordinal);
    byte[] _plain = [];
    long _count;

    /// <param name="keys">May be empty: then nothing is encrypted.</param>
    public SpoolCipher(KeyRing keys, JournalName name)
    {
        _keys = keys;
        _salt = Encoding.UTF8.GetBytes(name.ToString());
        _keyId = Encoding.ASCII.GetBytes(keys.EncryptingId ?? "");
        if (keys.EncryptingId is { } id) _encrypting = Derive(id);
    }

    /// <summary>What a record takes more for being encrypted.</summary>
    public int Overhead => _encrypting is null ? 0 : 1 + _keyId.Length + NonceLength + TagLength + 1;

    /// <summary>There is a key, so records are encrypted.</summary>
    public bool Encrypts => _encrypting is not null;

    /// <param name="head">What is authenticated with it.</param>
    /// <param name="content">Is filled; as long as the record and <see cref="Overhead"/>.</param>
    public void Encrypt(ReadOnlySpan<byte> head, CapturedRecord record, long sequence, Span<byte> content)
    {
        var length = content.Length - Overhead;
        if (_plain.Length < length) _plain = new byte[Math.Max(length, 4096)];
        var plain = _plain.AsSpan(0, length);
        record.CompleteInto(plain, sequence);
        content[0] = (byte)_keyId.Length;
        _keyId.CopyTo(content[1..]);
        var nonce = content.Slice(1 + _keyId.Length, NonceLength);
        nonce.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(nonce, ++_count);
        var sealedBytes = content.Slice(1 + _keyId.Length + NonceLength, length);
        _encrypting!.Encrypt(nonce, plain, sealedBytes, content.Slice(content.Length - 1 - TagLength, TagLength), head);
        content[^1] = (byte)'\n';
    }

    /// <summary>The content of an encrypted record; null: it was changed, or its key is another one of that id.</summary>
    public byte[]? TryDecrypt(in SpooledRecord record)
    {
        var bytes = record.Content.Span;
        if (KeyIdOf(bytes) is not { } id || Decrypting(id) is not { } aes) return null;
        var body = bytes[(1 + id.Length)..^1];
        var content = new byte[body.Length - NonceLength - TagLength];
        try
        {
            aes.Decrypt(body[..NonceLength], body[NonceLength..^TagLength], body[^TagLength..], content, record.Head.Span);
            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>The id of the key of an encrypted record; null: it is none.</summary>
    public static string? KeyIdOf(ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty || content.Length < 1 + content[0] + NonceLength + TagLength + 1) return null;
        return Encoding.ASCII.GetString(content.Slice(1, content[0]));
    }

    /// <summary>The first of the keys that is not in the ring; null: all are.</summary>
    public string? MissingOf(IEnumerable<string> ids) => ids.FirstOrDefault(id => _keys.Find(id) is null);

    /// <exception cref="InvalidDataException">A key is not in the ring: what it encrypted is left as it is.</exception>
    public void RequireKeys(IEnumerable<string> ids)
    {
        if (MissingOf(ids) is not { } missing) return;
        throw new InvalidDataException($"It is encrypted with the key '{missing}', and here are {_keys}; add that key to "
            + $"LOG_ENCRYPTION_KEYS.");
    }

    AesGcm? Decrypting(string id)
    {
        if (_decrypting.TryGetValue(id, out var known)) return known;
        return _decrypting[id] = Derive(id);
    }

    AesGcm? Derive(string id) => _keys.Find(id) is { } key
        ? new AesGcm(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyLength, _salt, Purpose), TagLength) : null;
}
