namespace LogPipeline.Workflows.Codecs;

/// <summary>A payload cannot be decoded here. The message names the key's id and nothing of the content.</summary>
class PayloadNotReadableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Its key is not in the ring: with the key it can be read.</summary>
sealed class PayloadKeyMissingException(string keyId, KeyRing keys) : PayloadNotReadableException(
    $"A payload is encrypted with key '{keyId}', which this process does not have (it has {keys}); add it to "
    + $"{CodecVariables.Keys} and start again.")
{
    public string KeyId => keyId;
}
