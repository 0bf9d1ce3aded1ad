using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace LogPipeline.Workflows.Codecs;

// What a worker's task holds is decoded by Temporal's SDK before any code of ours runs, and a workflow keeps it for as
// long as it is cached. A payload of a few KiB can hold a thousand times as much. So the SDK gets no more than
// TaskBytesMax out of the compressed payloads of one task, which is enough for any header. What does not fit stays
// compressed, and is taken out where it is used: the records of a batch by the activity that writes them, one batch at a
// time. It goes on to that activity as it came, and is not compressed again.

/// <summary>
/// What happens to payloads between a process and Temporal: large ones are compressed, then all are encrypted if there
/// is a key. Takes out whatever of the two it finds and leaves other encodings alone.
/// </summary>
/// <param name="keys">What encrypts and decrypts.</param>
/// <param name="gzipBytesMin">The size from which payloads are compressed; 0: none.</param>
/// <param name="requiresEncryption">What is not encrypted is not read.</param>
sealed class PipelineCodec(KeyRing keys, int gzipBytesMin, bool requiresEncryption = false)
    : IPayloadCodec, IWithSerializationContext<IPayloadCodec>
{
    /// <summary>Payloads from this size on are compressed by default.</summary>
    public const int DefaultGzipBytesMin = 4 * 1024;

    /// <summary>Most bytes that the SDK is given out of compressed payloads, for one task or call.</summary>
    public const int TaskBytesMax = 512 * 1024;

    /// <summary>Most payloads of one list of arguments; a batch has two.</summary>
    public const int ArgumentsMax = 8;

    // Null: each call has a budget of its own.
    InflationBudget? _task;

    public Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads) =>
        Task.FromResult<IReadOnlyCollection<Payload>>([.. payloads.Select(Encode)]);

    /// <summary>Decrypts all, and takes out of compressed ones what fits; the others stay compressed.</summary>
    public Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads)
    {
        try
        {
            return Task.FromResult<IReadOnlyCollection<Payload>>(Decode(payloads));
        }
        catch (PayloadNotReadableException e)
        {
            return Task.FromException<IReadOnlyCollection<Payload>>(e);
        }
    }

    /// <inheritdoc cref="DecodeAsync"/>
    /// <exception cref="PayloadNotReadableException">There are too many, or one cannot be decrypted.</exception>
    public IReadOnlyList<Payload> Decode(IReadOnlyCollection<Payload> payloads)
    {
        if (payloads.Count > ArgumentsMax)
            throw new PayloadNotReadableException(
                $"There are {payloads.Count} arguments; {ArgumentsMax} at most are decoded, and a batch has two.");
        var budget = _task ?? new InflationBudget(TaskBytesMax);
        return [.. payloads.Select(payload => DecodeWithin(payload, budget))];
    }

    /// <summary>The SDK asks once for each task, so that all calls for it share a budget.</summary>
    public IPayloadCodec WithSerializationContext(ISerializationContext context) =>
        new PipelineCodec(keys, gzipBytesMin, requiresEncryption) { _task = new InflationBudget(TaskBytesMax) };

    /// <summary>
    /// Converters with this codec. With keys, failures' messages and stack traces travel as payloads too, as they may
    /// quote what a record says.
    /// </summary>
    public static DataConverter Converter(KeyRing keys, int gzipBytesMin, bool requiresEncryption = false) =>
        DataConverter.Default with
    {
        PayloadCodec = new PipelineCodec(keys, gzipBytesMin, requiresEncryption),
        FailureConverter = keys.IsEmpty ? new DefaultFailureConverter() : new HiddenFailureConverter(),
    };

    public Payload Encode(Payload payload)
    {
        var small = GzipPayload.Compress(payload, gzipBytesMin);
        return keys.IsEmpty ? small : EncryptedPayload.Encrypt(small, keys);
    }

    /// <summary>One payload, whatever it holds up to what a batch may hold.</summary>
    /// <exception cref="PayloadNotReadableException">Its key is missing, or it is damaged or too large.</exception>
    public Payload Decode(Payload payload)
    {
        var open = Decrypt(payload);
        return GzipPayload.Is(open) ? GzipPayload.Decompress(open) : open;
    }

    Payload Decrypt(Payload payload)
    {
        if (EncryptedPayload.Is(payload)) return EncryptedPayload.Decrypt(payload, keys);
        return requiresEncryption ? throw PayloadNotReadableException.NotEncrypted() : payload;
    }

    Payload DecodeWithin(Payload payload, InflationBudget budget)
    {
        var open = Decrypt(payload);
        return GzipPayload.Is(open) ? budget.TryDecompress(open) ?? open : open;
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
