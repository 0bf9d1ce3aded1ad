namespace LogPipeline.Worker.Verify;

/// <summary>
/// Numbers as bits, in pages: a million consecutive ones take some 200 KiB, and a single one far from the others takes a
/// page, which is small, as a batch may hold numbers that are all far from each other.
/// </summary>
sealed class SequenceSet
{
    const int PageBits = 10;
    const int PageSize = 1 << PageBits;

    readonly Dictionary<long, ulong[]> _pages = [];
    readonly SortedSet<long> _order = [];

    // Numbers come in order as a rule.
    (long At, ulong[]? Page) _last;

    public long Count { get; private set; }

    /// <returns>False: it was there.</returns>
    public bool Add(long number)
    {
        var at = number >> PageBits;
        if (PageAt(at) is not { } page)
        {
            _last = (at, _pages[at] = page = new ulong[PageSize / 64]);
            _order.Add(at);
        }
        var (word, bit) = BitOf(number);
        if ((page[word] & bit) != 0) return false;
        page[word] |= bit;
        Count++;
        return true;
    }

    /// <summary>As far as there are numbers.</summary>
    public void AddRange(long first, long count)
    {
        var end = long.MaxValue - first < count ? long.MaxValue : first + count;
        for (var number = first; number < end; number++) Add(number);
    }

    public bool Contains(long number)
    {
        if (PageAt(number >> PageBits) is not { } page) return false;
        var (word, bit) = BitOf(number);
        return (page[word] & bit) != 0;
    }

    /// <summary>All numbers in order.</summary>
    public IEnumerable<long> Numbers()
    {
        foreach (var at in _order)
            for (var (i, page) = (0, _pages[at]); i < PageSize; i++)
                if ((page[i / 64] >> (i % 64) & 1) != 0) yield return (at << PageBits) + i;
    }

    /// <summary>How many numbers are here from the first one on and before the end.</summary>
    public long CountIn(long first, long end)
    {
        var count = 0L;
        foreach (var at in _order.GetViewBetween(first >> PageBits, (end - 1) >> PageBits))
            for (var (i, page) = (0, _pages[at]); i < PageSize; i++)
                if ((at << PageBits) + i is var number && number >= first && number < end
                    && (page[i / 64] >> (i % 64) & 1) != 0) count++;
        return count;
    }

    ulong[]? PageAt(long at)
    {
        if (_last.Page is not null && _last.At == at) return _last.Page;
        if (!_pages.TryGetValue(at, out var page)) return null;
        _last = (at, page);
        return page;
    }

    static (int Word, ulong Bit) BitOf(long number)
    {
        var at = (int)(number & (PageSize - 1));
        return (at / 64, 1UL << (at % 64));
    }
}
