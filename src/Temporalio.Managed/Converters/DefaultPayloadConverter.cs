using System.Text.Json;
using Google.Protobuf;
using Temporalio.Api.Common.V1;

namespace Temporalio.Converters;

/// <summary>
/// Asks encodings in order: <c>binary/null</c>, <c>binary/plain</c> (byte arrays), <c>json/protobuf</c>,
/// <c>binary/protobuf</c> (read only, as JSON comes first), <c>json/plain</c> for all else.
/// </summary>
public class DefaultPayloadConverter : IPayloadConverter, IWithSerializationContext<IPayloadConverter>
{
    readonly bool _contextMatters;

    public DefaultPayloadConverter() : this(new JsonSerializerOptions()) { }

    /// <param name="jsonSerializerOptions">Options of the <c>json/plain</c> encoding.</param>
    public DefaultPayloadConverter(JsonSerializerOptions jsonSerializerOptions)
        : this(
            new BinaryNullConverter(),
            new BinaryPlainConverter(),
            new JsonProtoConverter(),
            new BinaryProtoConverter(),
            new JsonPlainConverter(jsonSerializerOptions))
    {
    }

    /// <param name="encodingConverters">In the order in which they are asked; each encoding once.</param>
    public DefaultPayloadConverter(params IEncodingConverter[] encodingConverters)
    {
        EncodingConverters = Array.AsReadOnly(encodingConverters);
        IndexedEncodingConverters = encodingConverters.ToDictionary(c => ByteString.CopyFromUtf8(c.Encoding));
        _contextMatters = encodingConverters.Any(c => c is IWithSerializationContext<IEncodingConverter>);
    }

    public IReadOnlyCollection<IEncodingConverter> EncodingConverters { get; }

    protected IReadOnlyDictionary<ByteString, IEncodingConverter> IndexedEncodingConverters { get; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">It is an <see cref="IEncodedRawValue"/>, which has to be decoded first.</exception>
    public Payload ToPayload(object? value)
    {
        if (value is IEncodedRawValue) throw new InvalidOperationException("Cannot convert IEncodedRawValue");
        if (value is IRawValue raw) return raw.Payload;
        foreach (var converter in EncodingConverters)
            if (converter.TryToPayload(value, out var payload))
                return payload!;
        throw new ArgumentException($"Value of type {value?.GetType().ToString() ?? "<null>"} has no known converter");
    }

    public object? ToValue(Payload payload, Type type)
    {
        if (type == typeof(IRawValue) || type == typeof(RawValue)) return new RawValue(payload);
        if (!payload.Metadata.TryGetValue("encoding", out var encoding)) throw new ArgumentException("Payload has no encoding");
        return IndexedEncodingConverters.TryGetValue(encoding, out var converter)
            ? converter.ToValue(payload, type)
            : throw new ArgumentException($"Unknown payload encoding {encoding.ToStringUtf8()}");
    }

    public virtual IPayloadConverter WithSerializationContext(ISerializationContext context) =>
        !_contextMatters
            ? this
            : new DefaultPayloadConverter(EncodingConverters
                .Select(c => c is IWithSerializationContext<IEncodingConverter> aware ? aware.WithSerializationContext(context) : c)
                .ToArray());
}
