namespace LogPipeline.DurableFiles;

/// <summary>What stands under a name.</summary>
public enum StoreEntry
{
    None,
    File,
    Directory,

    /// <summary>A symbolic link, wherever it leads.</summary>
    Link,

    /// <summary>A pipe, a socket or a device.</summary>
    Other,
}
