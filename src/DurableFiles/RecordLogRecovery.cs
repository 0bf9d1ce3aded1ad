namespace LogPipeline.DurableFiles;

/// <summary>What opening a <see cref="RecordLog"/> found.</summary>
/// <param name="Records">Whole records.</param>
/// <param name="DamagedBytes">Bytes in front of later records that belong to none.</param>
/// <param name="TornBytes">Bytes cut from the end: a record whose write was interrupted.</param>
/// <param name="Damage">The first hundred damaged ranges.</param>
public sealed record RecordLogRecovery(long Records, long DamagedBytes, long TornBytes,
    IReadOnlyList<(long Offset, long Length)> Damage);
