namespace LogPipeline.Publisher.Queue;

/// <summary>Bounds of a batch.</summary>
/// <param name="RecordsMax">Most records.</param>
/// <param name="BytesMax">Most bytes of the array of records; a single record may be larger.</param>
readonly record struct BatchLimits(int RecordsMax, long BytesMax);
