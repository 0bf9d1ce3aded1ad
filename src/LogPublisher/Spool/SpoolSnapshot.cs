namespace LogPipeline.Publisher.Spool;

/// <summary>The spool at one instant.</summary>
/// <param name="Bytes">What it takes on disk.</param>
/// <param name="Fill">Of its bound, from 0 to 1.</param>
/// <param name="OldestAt">When the oldest event in it was logged; null: none is there.</param>
sealed record SpoolSnapshot(long Bytes, double Fill, DateTimeOffset? OldestAt)
{
    public static SpoolSnapshot Empty { get; } = new(0, 0, null);
}
