using Google.Protobuf;
using Temporalio.Grpc;

namespace Temporalio.Client;

/// <summary>
/// The metadata of a connection: what every call carries, and how a call's own is put over it. Immutable; the connection
/// replaces it as a whole.
/// </summary>
sealed class CallHeaders
{
    /// <summary>The version of the official SDK whose behaviour this is.</summary>
    const string ClientVersion = "1.18.0";

    readonly Dictionary<string, string> _all = new(StringComparer.Ordinal)
    {
        ["client-name"] = "temporal-dotnet",
        ["client-version"] = ClientVersion,
        ["user-agent"] = $"temporal-dotnet/{ClientVersion} (managed)",
    };

    // Of the last call without metadata of its own; replaced as a whole.
    volatile Remembered? _ofNamespace;

    /// <exception cref="ArgumentException">A name or value cannot be sent.</exception>
    public CallHeaders(
        IReadOnlyCollection<KeyValuePair<string, string>>? text,
        IReadOnlyCollection<KeyValuePair<string, byte[]>>? binary,
        string? apiKey)
    {
        Text = text is null ? [] : [.. text];
        Binary = binary is null ? [] : [.. binary];
        ApiKey = apiKey;
        Put(_all, Text, Binary);
        if (!string.IsNullOrEmpty(apiKey) && !_all.ContainsKey("authorization"))
        {
            if (apiKey.AsSpan().ContainsAnyExceptInRange('!', '~'))
                throw new ArgumentException("ApiKey holds characters other than printable ASCII; is there a line feed at its end?");
            _all["authorization"] = $"Bearer {apiKey}";
        }
    }

    public IReadOnlyCollection<KeyValuePair<string, string>> Text { get; }

    public IReadOnlyCollection<KeyValuePair<string, byte[]>> Binary { get; }

    public string? ApiKey { get; }

    /// <summary>Everything that one call carries.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> For(IMessage request, RpcOptions? options)
    {
        var @namespace = NamespaceOf(request);
        if (options?.Metadata is null && options?.BinaryMetadata is null)
        {
            if (string.IsNullOrEmpty(@namespace)) return _all;
            // A connection's calls are nearly all of one namespace.
            var last = _ofNamespace;
            if (last?.Namespace != @namespace) _ofNamespace = last = new(@namespace, WithNamespace(@namespace));
            return last.Headers;
        }
        var headers = WithNamespace(@namespace);
        Put(headers, options?.Metadata ?? [], options?.BinaryMetadata ?? []);
        return headers;
    }

    Dictionary<string, string> WithNamespace(string? @namespace)
    {
        var headers = new Dictionary<string, string>(_all, StringComparer.Ordinal);
        // By it a frontend or a proxy routes without reading the request.
        if (!string.IsNullOrEmpty(@namespace) && !@namespace.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            headers["temporal-namespace"] = @namespace;
        return headers;
    }

    public static string? NamespaceOf(IMessage request) => request.Descriptor.FindFieldByName("namespace")?.Accessor.GetValue(request) as string;

    static void Put(
        Dictionary<string, string> headers,
        IReadOnlyCollection<KeyValuePair<string, string>> text,
        IReadOnlyCollection<KeyValuePair<string, byte[]>> binary)
    {
        foreach (var (name, value) in text)
        {
            var header = GrpcMetadata.Text(name, value);
            headers[header.Key] = header.Value;
        }
        foreach (var (name, value) in binary)
        {
            var header = GrpcMetadata.Binary(name, value);
            headers[header.Key] = header.Value;
        }
    }

    sealed record Remembered(string Namespace, Dictionary<string, string> Headers);
}
