using Temporalio.Converters;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Batches;

/// <summary>The records of a batch as they come from Temporal.</summary>
static class IncomingRecords
{
    /// <exception cref="ApplicationFailureException">They are not records yet: this worker lacks the codec. Refusing
    /// them would be for good.</exception>
    public static ReadOnlyMemory<byte> DataOf(IRawValue records) =>
        !records.Payload.Metadata.TryGetValue("encoding", out var encoding) || encoding.ToStringUtf8() is "json/plain"
            ? records.Payload.Data.Memory
            : throw new ApplicationFailureException($"The records are encoded as '{encoding.ToStringUtf8()}'; give "
                + $"this worker the codec, or its key, that the publisher has.", errorType: "EncodingUnknown");
}
