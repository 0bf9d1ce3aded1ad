using System.Diagnostics.CodeAnalysis;

namespace LogPipeline.Workflows.Codecs;

/// <summary>
/// The AES-256 keys that payloads may be encrypted with, each under an id. One encrypts, all decrypt: a key is changed
/// by adding the new one everywhere, then letting it encrypt, and removing the old one when Temporal no longer keeps
/// what it encrypted. Never prints a key.
/// </summary>
public sealed class KeyRing
{
    const int KeyLength = 32;
    const int KeysMax = 100;
    const string HowToMake = "one is made by 'openssl rand -base64 32'";

    readonly IReadOnlyDictionary<string, byte[]> _keys;

    KeyRing(IReadOnlyDictionary<string, byte[]> keys, string? encryptingId)
    {
        _keys = keys;
        EncryptingId = encryptingId;
    }

    /// <summary>No keys: nothing is encrypted, and nothing that is can be read.</summary>
    public static KeyRing Empty { get; } = new(new Dictionary<string, byte[]>(), null);

    /// <summary>The id of the key that encrypts; null: there is none.</summary>
    [MemberNotNullWhen(false, nameof(EncryptingId))]
    public bool IsEmpty => EncryptingId is null;

    /// <inheritdoc cref="IsEmpty"/>
    public string? EncryptingId { get; }

    /// <summary>The ids of all keys.</summary>
    public IReadOnlyCollection<string> Ids => [.. _keys.Keys];

    /// <summary>
    /// Reads <c>id:base64,id2:base64</c>; entries may stand on lines of their own, and a line that begins with '#' says
    /// nothing.
    /// </summary>
    /// <param name="text">The keys.</param>
    /// <param name="encryptingId">Which one encrypts; null: the first.</param>
    /// <exception cref="FormatException">A key is wrong; the message says which and never holds a key.</exception>
    public static KeyRing Parse(string text, string? encryptingId = null) =>
        TryParse(text, encryptingId, out var errors) ?? throw new FormatException(string.Join(" ", errors));

    /// <summary>The same ring with another key that encrypts.</summary>
    /// <returns>Null: it has no such key.</returns>
    internal KeyRing? EncryptingWith(string id) => _keys.ContainsKey(id) ? new KeyRing(_keys, id) : null;

    internal byte[]? Find(string id) => _keys.GetValueOrDefault(id);

    /// <param name="errors">One sentence for each thing that is wrong.</param>
    internal static KeyRing? TryParse(string text, string? encryptingId, out IReadOnlyList<string> errors)
    {
        var found = new List<string>();
        var keys = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        string? first = null;
        var number = 0;
        foreach (var entry in Entries(text))
        {
            number++;
            var colon = entry.IndexOf(':');
            // What is no id may be a part of a key, and is not repeated.
            if (colon < 0 || !BatchId.IsName(entry[..colon]))
                found.Add($"Entry {number} has no id in front of a colon; write id:key, the id of letters, digits, "
                    + $"'.', '_' or '-'.");
            else if (KeyOf(entry[..colon], entry[(colon + 1)..].Trim(), found) is { } key
                && !keys.TryAdd(entry[..colon], key))
                found.Add($"The id '{Shown(entry[..colon])}' is there twice; give each key an id of its own.");
            else first ??= entry[..colon];
        }
        if (number == 0) found.Add($"There is no key; write id:key, the key as 32 bytes in base64 ({HowToMake}).");
        if (number > KeysMax) found.Add($"There are {number} keys; {KeysMax} at most.");
        if (found.Count == 0 && encryptingId is not null && !keys.ContainsKey(encryptingId))
            found.Add(
                $"No key has the id '{Shown(encryptingId)}', which is to encrypt; there are {string.Join(", ", keys.Keys.Select(Shown))}.");
        errors = found;
        return found.Count == 0 ? new KeyRing(keys, encryptingId ?? first) : null;
    }

    /// <summary>The ids: which key encrypts, and the others.</summary>
    public override string ToString() =>
        IsEmpty ? "no keys" : string.Join(", ", _keys.Keys.Select(id => id == EncryptingId ? $"{id} (encrypts)" : id));

    static IEnumerable<string> Entries(string text) => text.Split('\n')
        .Where(line => !line.TrimStart().StartsWith('#'))
        .SelectMany(line => line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    // A key may stand where the id does.
    static string Shown(string id) => Configuration.ShownValue.Of("", id);

    static byte[]? KeyOf(string id, string text, List<string> errors)
    {
        var key = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, key, out var length))
            errors.Add($"The key '{Shown(id)}' is not base64; {HowToMake}.");
        else if (length != KeyLength)
            errors.Add($"The key '{Shown(id)}' has {length} bytes where AES-256 takes {KeyLength}; {HowToMake}.");
        else return key[..length];
        return null;
    }
}
