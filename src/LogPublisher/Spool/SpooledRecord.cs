namespace LogPipeline.Publisher.Spool;

/// <summary>A record as it lies in the spool. Channel and content are valid until the next one is read.</summary>
/// <param name="IsPacked">The content is an event, and not yet a line.</param>
/// <param name="IsEncrypted">The content is encrypted.</param>
/// <param name="Head">All that stands before the content.</param>
/// <param name="Mark">The caller's own number of where the event comes from; 0: none.</param>
readonly record struct SpooledRecord(
    long Sequence, DateTimeOffset Time, LogEventLevel Level, bool IsPacked, bool IsEncrypted,
    ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Channel, ReadOnlyMemory<byte> Content, long Mark);
