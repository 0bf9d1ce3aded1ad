namespace LogPipeline.Publisher.Queue;

/// <summary>What waits to be sealed, at one instant.</summary>
/// <param name="Count">Records.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="OldestAge">How long the oldest has waited.</param>
/// <param name="IsUrgent">The oldest is to be sent without waiting for more.</param>
/// <param name="IsFilling">Half of a bound of the memory is reached.</param>
/// <param name="FirstSequence">Number of the oldest that waits or, on disk, is not done with; or the next one.</param>
readonly record struct QueueSnapshot(int Count, long Bytes, TimeSpan OldestAge, bool IsUrgent, bool IsFilling,
    long FirstSequence);
