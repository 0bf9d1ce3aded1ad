using System.Text.Json.Serialization;

namespace LogPipeline.Worker.Configuration;

/// <summary>An option as people and programs are shown it.</summary>
/// <param name="Name">In <c>logworker.json</c>; empty: it has no place there.</param>
/// <param name="Variable">The variable that sets it.</param>
/// <param name="Value">What holds; null: nothing.</param>
/// <param name="From"><c>default</c>, <c>temporal.toml</c>, the file's path, or the variable.</param>
sealed record ShownOption(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("variable")] string Variable,
    [property: JsonPropertyName("value")] string? Value,
    [property: JsonPropertyName("from")] string From);
