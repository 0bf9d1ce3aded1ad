using Google.Protobuf;
using Temporalio.Api.Common.V1;

namespace Temporalio.Converters;

/// <summary>Null, as no bytes.</summary>
public class BinaryNullConverter : IEncodingConverter
{
    static readonly ByteString EncodingBytes = ByteString.CopyFromUtf8("binary/null");

    public string Encoding => "binary/null";

    public bool TryToPayload(object? value, out Payload? payload)
    {
        payload = value == null ? PayloadEncoding.Payload(EncodingBytes, ByteString.Empty) : null;
        return payload != null;
    }

    public object? ToValue(Payload payload, Type type)
    {
        if (payload.Data.Length > 0) throw new ArgumentException("Expected empty data for binary/null");
        if (type.IsValueType && Nullable.GetUnderlyingType(type) == null)
            throw new ArgumentException($"Payload is null, but {type} is not nullable");
        return null;
    }
}

/// <summary>Byte arrays, as they are.</summary>
public class BinaryPlainConverter : IEncodingConverter
{
    static readonly ByteString EncodingBytes = ByteString.CopyFromUtf8("binary/plain");

    public string Encoding => "binary/plain";

    public bool TryToPayload(object? value, out Payload? payload)
    {
        payload = value is byte[] bytes ? PayloadEncoding.Payload(EncodingBytes, ByteString.CopyFrom(bytes)) : null;
        return payload != null;
    }

    public object? ToValue(Payload payload, Type type) =>
        type == typeof(byte[]) ? payload.Data.ToByteArray() : throw new ArgumentException($"Payload is byte array, but type is {type}");
}

static class PayloadEncoding
{
    public static Payload Payload(ByteString encoding, ByteString data) =>
        new() { Metadata = { ["encoding"] = encoding }, Data = data };
}
