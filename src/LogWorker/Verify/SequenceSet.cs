namespace LogPipeline.Worker.Verify;

/// <summary>
/// Numbers as bits, in pages: a million consecutive ones take 128 KiB, and a single one far from the others takes a
/// page.
/// </summary>
sealed class SequenceSet
{
    const int PageBits = 16;
    const int PageSize = 1 << PageBits;

    readonly SortedDictionary<long, ulong[]> _pages = [];

    public long Count { get; private set; }

    /// <returns>False: it was there.</returns>
    public bool Add(long number)
    {
        if (!_pages.TryGetValue(number >> PageBits, out var page))
            _pages[number >> PageBits] = page = new ulong[PageSize / 64];
        var (word, bit) = BitOf(number);
        if ((page[word] & bit) != 0) return false;
        page[word] |= bit;
        Count++;
        return true;
    }

    public void AddRange(long first, long count)
    {
        for (var i = 0L; i < count; i++) Add(first + i);
    }

    public bool Contains(long number)
    {
        if (!_pages.TryGetValue(number >> PageBits, out var page)) return false;
        var (word, bit) = BitOf(number);
        return (page[word] & bit) != 0;
    }

    /// <summary>All numbers in order.</summary>
    public IEnumerable<long> Numbers()
    {
        foreach (var (at, page) in _pages)
            for (var i = 0; i < PageSize; i++)
                if ((page[i / 64] >> (i % 64) & 1) != 0) yield return (at << PageBits) + i;
    }

    static (int Word, ulong Bit) BitOf(long number)
    {
        var at = (int)(number & (PageSize - 1));
        return (at / 64, 1UL << (at % 64));
    }
}
