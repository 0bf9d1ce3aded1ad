namespace LogPipeline.Workflows.Codecs;

/// <summary>A payload cannot be decoded here. The message names the key's id and nothing of the content.</summary>
sealed class PayloadNotReadableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Its key is not in the ring: with the key of this id it can be read. Null: no key would help.</summary>
    public string? MissingKey { get; private init; }

    /// <summary>Nothing is wrong with it in itself: a process with other settings may read it.</summary>
    public bool DependsOnSettings { get; private init; }

    /// <summary>Whoever may start workflows has sent it, and need not have had a key.</summary>
    public static PayloadNotReadableException NotEncrypted() => new(
        $"A payload is not encrypted, and {CodecVariables.Required} is set. Have its application encrypt, or end the "
        + $"batch with 'logworker dead-letters keep'.")
    {
        DependsOnSettings = true,
    };

    public static PayloadNotReadableException KeyWrong(string keyId, Exception inner) => new(
        $"A payload cannot be decrypted with key '{keyId}': it was changed, or encrypted with another key of this id.",
        inner)
    {
        DependsOnSettings = true,
    };

    public static PayloadNotReadableException KeyMissing(string keyId, KeyRing keys) => new(
        $"A payload is encrypted with key '{keyId}', which this process does not have (it has {keys}); add it to "
        + $"{CodecVariables.Keys} and start again.")
    {
        MissingKey = keyId, DependsOnSettings = true,
    };
}
