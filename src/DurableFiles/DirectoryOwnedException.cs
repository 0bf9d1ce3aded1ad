namespace LogPipeline.DurableFiles;

/// <summary>A directory has an owner already.</summary>
public sealed class DirectoryOwnedException(string path, string owner, Exception? inner = null)
    : IOException($"The directory {path} is in use by {(owner.Length == 0 ? "another process" : owner)}; stop that "
        + $"one or choose another directory.", inner)
{
    /// <summary>The path that was to be owned.</summary>
    public string Directory { get; } = path;

    /// <summary>What the owner said of itself; empty when unknown.</summary>
    public string Owner { get; } = owner;
}
