namespace LogPipeline.Worker.Channels;

/// <summary>Which log files go, and why. Null: no such bound.</summary>
/// <param name="AgeMax">A file goes when its last line is older.</param>
/// <param name="FilesMax">Most files of one channel.</param>
/// <param name="BytesMax">Most bytes of all files together; the oldest go first.</param>
/// <param name="AgeMin">No file goes whose last line is younger, whatever the other bounds say: an agent has to have
/// shipped it.</param>
sealed record RetentionOptions(TimeSpan? AgeMax = null, int? FilesMax = null, long? BytesMax = null,
    TimeSpan AgeMin = default)
{
    public bool IsOn => AgeMax is not null || FilesMax is not null || BytesMax is not null;
}
