using System.Text.Json;
using System.Text.Json.Serialization;
using Temporalio.Converters;

namespace LogPipeline.Publisher.Queue;

/// <summary>
/// All that this library writes as JSON, with code made at build: a trimmed or natively compiled application has no
/// other.
/// </summary>
[JsonSerializable(typeof(LogBatchHeader))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
sealed partial class PublisherJson : JsonSerializerContext
{
    /// <summary>
    /// Temporal's default converters over <see cref="PublisherJson"/>: header, memo and summary of a batch.
    /// </summary>
    public sealed class PayloadConverter()
        : DefaultPayloadConverter(new JsonSerializerOptions { TypeInfoResolver = Default });
}
