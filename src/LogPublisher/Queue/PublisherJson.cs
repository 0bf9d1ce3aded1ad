using System.Text.Json.Serialization;

namespace LogPipeline.Publisher.Queue;

/// <summary>
/// All that this library writes as JSON, with code made at build: a trimmed or natively compiled application has no
/// other.
/// </summary>
[JsonSerializable(typeof(LogBatchHeader))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
sealed partial class PublisherJson : JsonSerializerContext;
