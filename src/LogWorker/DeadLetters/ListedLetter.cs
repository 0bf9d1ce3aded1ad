using System.Text.Json.Serialization;

namespace LogPipeline.Worker.DeadLetters;

/// <summary>A line of <c>logworker dead-letters list</c>.</summary>
sealed record ListedLetter
{
    [JsonPropertyName("name")] public required string Name { get; init; }
    [JsonPropertyName("bytes")] public required long Bytes { get; init; }

    /// <summary>Null: the file is damaged.</summary>
    [JsonPropertyName("head")] public required DeadLetterHead? Head { get; init; }
    [JsonPropertyName("problem"),
        JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Problem { get; init; }
}
