namespace LogPipeline.Publisher;

/// <summary>Where records go while Temporal is not reached.</summary>
public sealed record FallbackOptions
{
    /// <summary>LOG_FALLBACK. Whether they wait or become final files.</summary>
    public TemporalFallback Mode { get; set; } = TemporalFallback.Spool;

    /// <summary>LOG_FALLBACK_DIRECTORY. Where <see cref="TemporalFallback.WriteFile"/> writes.</summary>
    public string Directory { get; set; } = "logs";

    /// <summary>LOG_FALLBACK_FILE_BYTES_MAX. Size at which the fallback begins a new file; it keeps 31.</summary>
    public long FileBytesMax { get; set; } = 100 * 1024 * 1024;
}

/// <summary>What becomes of records while Temporal is not reached.</summary>
public enum TemporalFallback
{
    /// <summary>They wait on disk and are sent when Temporal is back, oldest first.</summary>
    Spool,

    /// <summary>
    /// They are written as final CLEF files on this host, for an agent there to ship, and never sent.
    /// </summary>
    WriteFile,
}
