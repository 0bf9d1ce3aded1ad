namespace LogPipeline.DurableFiles;

/// <summary>How a file is opened.</summary>
public enum StoreOpen
{
    /// <summary>For reading; it must exist.</summary>
    Read,

    /// <summary>For reading and writing; it must exist.</summary>
    Existing,

    /// <summary>For reading and writing; it must not exist.</summary>
    New,

    /// <summary>For reading and writing; created when missing.</summary>
    ExistingOrNew,
}
