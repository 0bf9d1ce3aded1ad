using System.Collections;

namespace Temporalio.Common.EnvConfig;

/// <summary>The process's variables, or a test's. An empty one is not there.</summary>
sealed class EnvVariables(IReadOnlyDictionary<string, string>? instead)
{
    public string? Get(string name)
    {
        var value = instead is null ? Environment.GetEnvironmentVariable(name) : instead.GetValueOrDefault(name);
        return string.IsNullOrEmpty(value) ? null : value;
    }

    /// <exception cref="InvalidOperationException">The value is neither.</exception>
    public bool? GetBool(string name) => Get(name)?.ToLowerInvariant() switch
    {
        null => null,
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw new InvalidOperationException($"Configuration loading error: {name} was '{Get(name)}'; use true, false, 1 or 0."),
    };

    /// <summary>What follows the prefix in a name, and the value, empty ones too: <c>TEMPORAL_GRPC_META_X=</c> takes a header away.</summary>
    public IEnumerable<KeyValuePair<string, string>> StartingWith(string prefix)
    {
        var all = instead ?? Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value ?? ""));
        return all.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal) && pair.Key.Length > prefix.Length)
            .Select(pair => KeyValuePair.Create(pair.Key[prefix.Length..], pair.Value));
    }
}
