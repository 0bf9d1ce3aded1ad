using LogPipeline.Workflows.Codecs;

namespace LogPipeline.Publisher;

/// <summary>Encryption and compression on the way through Temporal.</summary>
public sealed record CodecOptions
{
    /// <summary>
    /// LOG_ENCRYPTION_KEYS, or LOG_ENCRYPTION_KEYS_FILE; LOG_ENCRYPTION_KEY_ID names the one that encrypts. The keys
    /// that everything is encrypted with before it goes to Temporal; workers need them too. Null: nothing is
    /// encrypted.
    /// </summary>
    public KeyRing? EncryptionKeys { get; set; }

    /// <summary>The keys, or a ring without any.</summary>
    internal KeyRing Keys => EncryptionKeys ?? KeyRing.Empty;

    /// <summary>LOG_GZIP_BYTES_MIN. Payloads of this size and more are compressed; 0: none.</summary>
    public long GzipBytesMin { get; set; } = PipelineCodec.DefaultGzipBytesMin;
}
