namespace LogPipeline.DurableFiles;

/// <summary>A directory's claim; disposing it gives the directory free.</summary>
public abstract class StoreOwnership : IDisposable
{
    /// <summary>
    /// False: the directory or the file that is locked was removed or replaced, so that others could claim what has its
    /// name now.
    /// </summary>
    public abstract bool IsInPlace { get; }

    public abstract void Dispose();
}
