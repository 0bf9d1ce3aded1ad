namespace LogPipeline.DurableFiles;

/// <summary>Bounds of a <see cref="RecordLog"/>.</summary>
public sealed record RecordLogOptions
{
    /// <summary>Largest record in bytes; 4 MiB. A longer one in a file counts as damage.</summary>
    public int RecordBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Memory kept between commits, in bytes; 256 KiB.</summary>
    public int BufferBytesKept { get; init; } = 256 * 1024;

    /// <summary>Where a new file's marker comes from; null: <see cref="Random.Shared"/>.</summary>
    public Random? Random { get; init; }

    internal uint NewMarker()
    {
        // Never zero: a run of zeros is what a power cut leaves.
        return (uint)(Random ?? Random.Shared).NextInt64(1, uint.MaxValue);
    }
}
