namespace Temporalio.Converters;

/// <summary>How values, failures and bytes go over the wire. Client and worker must use the same one.</summary>
/// <param name="PayloadConverter">Values to payloads and back.</param>
/// <param name="FailureConverter">Exceptions to failures and back.</param>
/// <param name="PayloadCodec">What happens to the bytes; null: nothing.</param>
public record DataConverter(
    IPayloadConverter PayloadConverter,
    IFailureConverter FailureConverter,
    IPayloadCodec? PayloadCodec = null) : IWithSerializationContext<DataConverter>
{
    /// <summary>Default payload and failure converters, no codec.</summary>
    public static DataConverter Default { get; } = new(new DefaultPayloadConverter(), new DefaultFailureConverter());

    public virtual DataConverter WithSerializationContext(ISerializationContext context)
    {
        var payload = For(PayloadConverter);
        var failure = For(FailureConverter);
        var codec = PayloadCodec == null ? null : For(PayloadCodec);
        var same = ReferenceEquals(payload, PayloadConverter) && ReferenceEquals(failure, FailureConverter) && ReferenceEquals(codec, PayloadCodec);
        return same ? this : new(payload, failure, codec);

        T For<T>(T part) => part is IWithSerializationContext<T> aware ? aware.WithSerializationContext(context) : part;
    }
}
