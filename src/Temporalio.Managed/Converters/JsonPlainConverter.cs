using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Google.Protobuf;
using Temporalio.Api.Common.V1;

namespace Temporalio.Converters;

/// <summary>Anything, as System.Text.Json writes it. A trimmed program gives it options with a resolver of its own.</summary>
[UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Resolver), UnconditionalSuppressMessage("AOT", "IL3050", Justification = Resolver)]
public class JsonPlainConverter : IEncodingConverter
{
    const string Resolver = "Without reflection the options' resolver says what can be written; a type that it does not know throws.";
    static readonly ByteString EncodingBytes = ByteString.CopyFromUtf8("json/plain");

    public JsonPlainConverter(JsonSerializerOptions serializerOptions) => SerializerOptions = serializerOptions;

    public virtual string Encoding => "json/plain";

    protected JsonSerializerOptions SerializerOptions { get; }

    public virtual bool TryToPayload(object? value, out Payload? payload)
    {
        // The array is ours alone, so it need not be copied.
        var json = JsonSerializer.SerializeToUtf8Bytes(value, SerializerOptions);
        payload = PayloadEncoding.Payload(EncodingBytes, UnsafeByteOperations.UnsafeWrap(json));
        return true;
    }

    public virtual object? ToValue(Payload payload, Type type) =>
        JsonSerializer.Deserialize(payload.Data.Span, type, SerializerOptions);
}
