namespace LogPipeline.Publisher.Diagnostics;

/// <summary>Names of states and reasons as tags of metrics and reports have them: <c>queue_full</c>.</summary>
static class StateNames
{
    public static string Of<T>(T value) where T : struct, Enum =>
        string.Concat(value.ToString().Select((c, at) =>
            char.IsUpper(c) && at > 0 ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
