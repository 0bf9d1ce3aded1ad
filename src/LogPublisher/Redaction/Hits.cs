namespace LogPipeline.Publisher.Redaction;

/// <summary>Where secrets stand in a text. Nothing is allocated while there are none.</summary>
struct Hits
{
    /// <summary>What stands in a secret's place.</summary>
    public const string Marker = "[redacted]";

    List<(int Start, int End)>? _hits;

    public readonly bool Any => _hits is not null;

    public void Add(int start, int end)
    {
        if (end > start) (_hits ??= []).Add((start, end));
    }

    /// <summary>Whether one of them reaches over this place.</summary>
    public readonly bool Cover(int at) => _hits is not null && _hits.Exists(hit => hit.Start <= at && at < hit.End);

    /// <summary>The text with a marker for each; adjacent and overlapping ones become one.</summary>
    public readonly string ReplaceIn(ReadOnlySpan<char> text)
    {
        if (_hits is null) return text.ToString();
        _hits.Sort();
        var result = new StringBuilder(text.Length);
        var at = 0;
        var isFirst = true;
        foreach (var (start, end) in _hits)
        {
            if (isFirst || start > at) result.Append(text[at..start]).Append(Marker);
            isFirst = false;
            at = Math.Max(at, end);
        }
        return result.Append(text[at..]).ToString();
    }
}
