namespace LogPipeline.Publisher.Queue;

/// <summary>Events that found no room.</summary>
/// <param name="Count">How many.</param>
/// <param name="From">When the first one was logged.</param>
/// <param name="To">When the last one was logged.</param>
/// <param name="Reason">Why the last ones found none.</param>
sealed record DropNotice(long Count, DateTimeOffset From, DateTimeOffset To, DropReason Reason);
