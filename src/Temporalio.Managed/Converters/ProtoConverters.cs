using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Temporalio.Api.Common.V1;

namespace Temporalio.Converters;

/// <summary>Protobuf messages as protobuf's JSON, with the message's full name in <c>messageType</c>.</summary>
public class JsonProtoConverter : IEncodingConverter
{
    static readonly ByteString EncodingBytes = ByteString.CopyFromUtf8("json/protobuf");

    public JsonProtoConverter() : this(JsonFormatter.Default, JsonParser.Default) { }

    public JsonProtoConverter(JsonFormatter formatter, JsonParser parser)
    {
        Formatter = formatter;
        Parser = parser;
    }

    public string Encoding => "json/protobuf";

    protected JsonFormatter Formatter { get; }

    protected JsonParser Parser { get; }

    public bool TryToPayload(object? value, out Payload? payload)
    {
        payload = value is IMessage message
            ? ProtoPayload.Create(EncodingBytes, message, ByteString.CopyFromUtf8(Formatter.Format(message)))
            : null;
        return payload != null;
    }

    public object? ToValue(Payload payload, Type type) =>
        Parser.Parse(payload.Data.ToStringUtf8(), ProtoPayload.DescriptorFor(payload, type));
}

/// <summary>Protobuf messages in binary, with the message's full name in <c>messageType</c>.</summary>
public class BinaryProtoConverter : IEncodingConverter
{
    static readonly ByteString EncodingBytes = ByteString.CopyFromUtf8("binary/protobuf");

    public string Encoding => "binary/protobuf";

    public bool TryToPayload(object? value, out Payload? payload)
    {
        payload = value is IMessage message ? ProtoPayload.Create(EncodingBytes, message, message.ToByteString()) : null;
        return payload != null;
    }

    public object? ToValue(Payload payload, Type type) =>
        ProtoPayload.DescriptorFor(payload, type).Parser.ParseFrom(payload.Data);
}

static class ProtoPayload
{
    public static Payload Create(ByteString encoding, IMessage message, ByteString data)
    {
        var payload = PayloadEncoding.Payload(encoding, data);
        payload.Metadata["messageType"] = ByteString.CopyFromUtf8(message.Descriptor.FullName);
        return payload;
    }

    /// <summary>The descriptor of a message type, once the payload is known to hold that message.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "A message whose descriptor was trimmed away is refused as one that has none.")]
    public static MessageDescriptor DescriptorFor(Payload payload, Type type)
    {
        if (!typeof(IMessage).IsAssignableFrom(type)) throw new ArgumentException($"Payload is protobuf message, but type is {type}");
        if (type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) is not MessageDescriptor descriptor)
            throw new ArgumentException($"Protobuf type {type} does not have expected Descriptor static field");
        if (!payload.Metadata.TryGetValue("messageType", out var name)) throw new ArgumentException("Payload missing message type");
        return name.ToStringUtf8() == descriptor.FullName
            ? descriptor
            : throw new ArgumentException($"Payload has protobuf message type {name.ToStringUtf8()} but given type's message type is {descriptor.FullName}");
    }
}
