using Temporalio.Api.Common.V1;

namespace Temporalio.Converters;

/// <summary>
/// Transforms payloads as bytes, outside of workflows: compression, encryption. May be asynchronous and need not be
/// deterministic. Neither method may change the payloads it is given; the number may change only where a list stands.
/// </summary>
public interface IPayloadCodec
{
    Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads);

    /// <summary>Must pass on what it did not encode.</summary>
    Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads);
}
