using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace LogPipeline.Workflows.Codecs;

/// <summary>
/// What happens to payloads between a process and Temporal: large ones are compressed, then all are encrypted if there
/// is a key. Takes out whatever of the two it finds and leaves other encodings alone.
/// </summary>
sealed class PipelineCodec(KeyRing keys, int gzipBytesMin) : IPayloadCodec
{
    /// <summary>Payloads from this size on are compressed by default.</summary>
    public const int DefaultGzipBytesMin = 4 * 1024;

    public Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads) =>
        EachAsync(payloads, Encode);

    public Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads) =>
        EachAsync(payloads, Decode);

    /// <summary>
    /// Converters with this codec. With keys, failures' messages and stack traces travel as payloads too, as they may
    /// quote what a record says.
    /// </summary>
    public static DataConverter Converter(KeyRing keys, int gzipBytesMin) => DataConverter.Default with
    {
        PayloadCodec = new PipelineCodec(keys, gzipBytesMin),
        FailureConverter = keys.IsEmpty ? new DefaultFailureConverter() : new HiddenFailureConverter(),
    };

    public Payload Encode(Payload payload)
    {
        var small = GzipPayload.Compress(payload, gzipBytesMin);
        return keys.IsEmpty ? small : EncryptedPayload.Encrypt(small, keys);
    }

    /// <exception cref="PayloadNotReadableException">Its key is missing, or it is damaged.</exception>
    public Payload Decode(Payload payload)
    {
        var open = EncryptedPayload.Is(payload) ? EncryptedPayload.Decrypt(payload, keys) : payload;
        return GzipPayload.Is(open) ? GzipPayload.Decompress(open) : open;
    }

    static Task<IReadOnlyCollection<Payload>> EachAsync(IReadOnlyCollection<Payload> payloads,
        Func<Payload, Payload> change)
    {
        try
        {
            return Task.FromResult<IReadOnlyCollection<Payload>>([.. payloads.Select(change)]);
        }
        catch (PayloadNotReadableException e)
        {
            return Task.FromException<IReadOnlyCollection<Payload>>(e);
        }
    }

    /// <summary>
    /// Which key is missing is no secret, and an operator who needs to know it has no key to read it with.
    /// </summary>
    sealed class HiddenFailureConverter : DefaultFailureConverter.WithEncodedCommonAttributes
    {
        static readonly DefaultFailureConverter Plain = new();

        public override Temporalio.Api.Failure.V1.Failure ToFailure(Exception exception,
            IPayloadConverter payloadConverter) =>
            exception is PayloadNotReadableException
                ? Plain.ToFailure(exception, payloadConverter) : base.ToFailure(exception, payloadConverter);
    }
}
