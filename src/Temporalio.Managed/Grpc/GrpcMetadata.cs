using System.Buffers;

namespace Temporalio.Grpc;

/// <summary>Metadata as gRPC allows it: lower-case names, printable ASCII values, and base64 for names that end in <c>-bin</c>.</summary>
static class GrpcMetadata
{
    const string BinarySuffix = "-bin";
    static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-.");
    static readonly HashSet<string> OwnNames = ["te", "content-type", "user-agent", "host", "connection", "content-length", "transfer-encoding"];

    /// <exception cref="ArgumentException">A name or value cannot be sent; the message says which and why.</exception>
    public static KeyValuePair<string, string> Text(string name, string value)
    {
        var key = Name(name);
        if (key.EndsWith(BinarySuffix, StringComparison.Ordinal))
            throw new ArgumentException($"Metadata '{name}' ends in '-bin', which is for binary values; give it as binary metadata.");
        if (value is null || value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            throw new ArgumentException($"The value of metadata '{name}' holds characters other than printable ASCII.");
        return new(key, value);
    }

    /// <exception cref="ArgumentException">The name cannot be sent; the message says why.</exception>
    public static KeyValuePair<string, string> Binary(string name, byte[] value)
    {
        var key = Name(name);
        if (!key.EndsWith(BinarySuffix, StringComparison.Ordinal))
            throw new ArgumentException($"Binary metadata '{name}' does not end in '-bin'.");
        ArgumentNullException.ThrowIfNull(value);
        return new(key, Convert.ToBase64String(value).TrimEnd('='));
    }

    /// <summary>Bytes of a <c>-bin</c> value, with or without padding.</summary>
    public static bool TryDecodeBinary(string text, out byte[] value)
    {
        var length = text.Length;
        var padded = (length % 4) switch { 2 => text + "==", 3 => text + "=", _ => text };
        value = new byte[padded.Length / 4 * 3];
        if (!Convert.TryFromBase64String(padded, value, out var written)) return false;
        Array.Resize(ref value, written);
        return true;
    }

    static string Name(string name)
    {
        if (string.IsNullOrEmpty(name)) throw new ArgumentException("A metadata name is empty.");
        var key = name.ToLowerInvariant();
        if (key.AsSpan().ContainsAnyExcept(NameCharacters))
            throw new ArgumentException($"Metadata name '{name}' holds characters other than letters, digits, '_', '-' and '.'.");
        if (key.StartsWith("grpc-", StringComparison.Ordinal) || OwnNames.Contains(key))
            throw new ArgumentException($"Metadata name '{name}' belongs to the protocol and cannot be set.");
        return key;
    }
}
