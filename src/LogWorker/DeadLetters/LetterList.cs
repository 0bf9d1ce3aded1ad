namespace LogPipeline.Worker.DeadLetters;

/// <summary>
/// The letters as they lie there, newest first, in pages. A letter never changes, so that each is read once. For any thread.
/// </summary>
sealed class LetterList(DeadLetterBox box)
{
    readonly Lock _gate = new();
    Dictionary<string, LetterSummary> _known = new(StringComparer.Ordinal);

    /// <param name="search">What has to stand in a letter; null: nothing.</param>
    /// <param name="after">The last one of the page before, which may be gone; null: this is the first.</param>
    /// <param name="limit">Letters of a page.</param>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public LetterPage GetPage(string? search, LetterPosition? after, int limit)
    {
        var found = Read().Where(letter => search is null || letter.Contains(search))
            .Select(letter => (Position: LetterPosition.Of(letter), Letter: letter))
            .OrderByDescending(one => one.Position).ToList();
        var page = found.Where(one => after is not { } last || one.Position.CompareTo(last) < 0).Take(limit + 1).ToList();
        return new LetterPage(found.Count, [.. page.Take(limit).Select(one => one.Letter)],
            page.Count > limit ? page[limit - 1].Position.ToString() : null);
    }

    IReadOnlyCollection<LetterSummary> Read()
    {
        lock (_gate)
        {
            var now = new Dictionary<string, LetterSummary>(StringComparer.Ordinal);
            foreach (var name in box.ListNames())
                if (_known.TryGetValue(name, out var known)) now[name] = known;
                else if (box.Find(name) is { } letter) now[name] = LetterSummary.Of(letter);
            return (_known = now).Values;
        }
    }
}

/// <param name="Total">All that were found.</param>
/// <param name="Letters">Some of them.</param>
/// <param name="Next">What to give as <c>after</c> for those that follow; null: none do.</param>
sealed record LetterPage(int Total, IReadOnlyList<LetterSummary> Letters, string? Next);

/// <summary>Where a letter stands among all, by time and name; printed as <c>&lt;ticks&gt;~&lt;name&gt;</c>.</summary>
readonly record struct LetterPosition(long Ticks, string Name) : IComparable<LetterPosition>
{
    // One whose time cannot be read comes last.
    public static LetterPosition Of(LetterSummary letter) => new(letter.At?.UtcTicks ?? 0, letter.Id);

    public static bool TryParse(string text, out LetterPosition position)
    {
        position = default;
        var end = text.IndexOf('~', StringComparison.Ordinal);
        if (end < 0 || !long.TryParse(text.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            || !DeadLetter.IsName(text[(end + 1)..])) return false;
        position = new LetterPosition(ticks, text[(end + 1)..]);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Ticks}~{Name}");

    public int CompareTo(LetterPosition other) =>
        Ticks != other.Ticks ? Ticks.CompareTo(other.Ticks) : string.CompareOrdinal(Name, other.Name);
}
