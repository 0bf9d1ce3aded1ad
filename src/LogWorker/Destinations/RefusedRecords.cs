namespace LogPipeline.Worker.Destinations;

/// <summary>Records of one batch that its destination will never take, counted by reason.</summary>
sealed class RefusedRecords
{
    readonly SortedDictionary<string, int> _byReason = new(StringComparer.Ordinal);

    public int Count => _byReason.Values.Sum();

    /// <summary>For the receipt; null: there are none.</summary>
    public IReadOnlyDictionary<string, int>? ByReason => _byReason.Count == 0 ? null : _byReason;

    public void Add(string reason, int count = 1)
    {
        if (count > 0) _byReason[reason] = _byReason.GetValueOrDefault(reason) + count;
    }
}
