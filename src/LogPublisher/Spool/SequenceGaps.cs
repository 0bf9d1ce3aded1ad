namespace LogPipeline.Publisher.Spool;

/// <summary>
/// Numbers that were known to be missing when a journal was loaded, so that they are not counted as lost twice.
/// </summary>
sealed class SequenceGaps
{
    readonly List<(long First, long Last)> _gaps = [];

    /// <summary>Gaps come in ascending order.</summary>
    public void Add(long first, long last) => _gaps.Add((first, last));

    /// <summary>
    /// How many numbers above <paramref name="after"/> and up to <paramref name="through"/> are not in a gap.
    /// </summary>
    public long Known(long after, long through)
    {
        var known = Math.Max(0, through - after);
        foreach (var (first, last) in _gaps)
            known -= Math.Max(0, Math.Min(last, through) - Math.Max(first, after + 1) + 1);
        return known;
    }
}
