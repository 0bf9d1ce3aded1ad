using System.Text.Json;
using Google.Protobuf;
using Temporalio.Api.Common.V1;

namespace Temporalio.Converters;

/// <summary>Anything, as System.Text.Json writes it.</summary>
public class JsonPlainConverter : IEncodingConverter
{
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
