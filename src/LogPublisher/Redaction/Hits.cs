namespace LogPipeline.Publisher.Redaction;

/// <summary>Where secrets stand in a text. Nothing is allocated while there are none.</summary>
struct Hits
{
    /// <summary>What stands in a secret's place.</summary>
    public const string Marker = "[redacted]";

    List<(int Start, int End, string Replacement)>? _hits;

    /// <summary>Where the part of the text begins whose places are added.</summary>
    public int Offset { get; set; }

    public readonly bool Any => _hits is not null;

    /// <param name="replacement">Other than the marker where quotes must come with it.</param>
    public void Add(int start, int end, string replacement = Marker)
    {
        if (end > start) (_hits ??= []).Add((Offset + start, Offset + end, replacement));
    }

    /// <summary>Whether one of them reaches over this place.</summary>
    public readonly bool Cover(int at) => _hits is not null && _hits.Exists(hit => hit.Start <= at && at < hit.End);

    /// <summary>The text with a marker for each; adjacent and overlapping ones become one.</summary>
    public readonly string ReplaceIn(ReadOnlySpan<char> text)
    {
        if (_hits is null) return text.ToString();
        // Of those that begin together the one with quotes comes first.
        _hits.Sort(static (a, b) => a.Start != b.Start
            ? a.Start.CompareTo(b.Start) : b.Replacement.Length.CompareTo(a.Replacement.Length));
        var result = new StringBuilder(text.Length);
        var at = 0;
        var isFirst = true;
        foreach (var (start, end, replacement) in _hits)
        {
            if (isFirst || start > at) result.Append(text[at..start]).Append(replacement);
            isFirst = false;
            at = Math.Max(at, end);
        }
        return result.Append(text[at..]).ToString();
    }
}
