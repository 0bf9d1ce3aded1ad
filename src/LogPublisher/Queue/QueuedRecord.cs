using LogPipeline.Publisher.Capture;

namespace LogPipeline.Publisher.Queue;

/// <summary>A record with its number and the time it was queued, as a timestamp of the clock.</summary>
readonly record struct QueuedRecord(CapturedRecord Record, long Sequence, long At);
