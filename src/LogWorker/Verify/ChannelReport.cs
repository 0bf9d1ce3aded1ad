using System.Text.Json.Serialization;

namespace LogPipeline.Worker.Verify;

/// <summary>One channel's records of one source. What is lost without a trace has no channel.</summary>
sealed record ChannelReport
{
    [JsonPropertyName("channel")] public required string Channel { get; init; }
    [JsonPropertyName("source")] public required string Source { get; init; }
    [JsonPropertyName("records")] public long Records { get; set; }
    [JsonPropertyName("lost")] public long Lost { get; set; }
    [JsonPropertyName("duplicate")] public long Duplicate { get; set; }
    [JsonPropertyName("reordered")] public long Reordered { get; set; }
    [JsonPropertyName("corrupt")] public long Corrupt { get; set; }
}

/// <param name="Kind">lost, duplicate, reordered or corrupt.</param>
/// <param name="Where">A record (<c>source/instance/number</c>), or a file and the byte in it.</param>
/// <param name="What">A sentence.</param>
sealed record FaultExample(
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("where")] string Where,
    [property: JsonPropertyName("what")] string What);
