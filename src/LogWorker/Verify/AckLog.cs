namespace LogPipeline.Worker.Verify;

/// <summary>
/// A sender's log of what was accepted: a line each, <c>source/instance/number</c> or
/// <c>source/instance/first-last</c>; a last line without a line feed may be torn and is left out.
/// </summary>
static class AckLog
{
    const long RangeMax = 1_000_000_000;

    /// <exception cref="FormatException">A line has another form; the message names it.</exception>
    public static Dictionary<(string Source, string Instance), SequenceSet> Read(string text)
    {
        var acknowledged = new Dictionary<(string, string), SequenceSet>();
        var number = 0;
        foreach (var line in text[..(text.LastIndexOf('\n') + 1)].Split('\n'))
        {
            number++;
            if (line.AsSpan().Trim().IsEmpty || line.StartsWith('#')) continue;
            var parts = line.Trim().Split('/');
            if (parts.Length != 3 || !BatchId.IsName(parts[0]) || !BatchId.IsName(parts[1])
                || !TryRange(parts[2], out var first, out var last))
                throw new FormatException(
                    $"Line {number} is '{line}'; use source/instance/number or source/instance/first-last.");
            if (!acknowledged.TryGetValue((parts[0], parts[1]), out var set))
                acknowledged[(parts[0], parts[1])] = set = new SequenceSet();
            set.AddRange(first, last - first + 1);
        }
        return acknowledged;
    }

    static bool TryRange(string text, out long first, out long last)
    {
        var dash = text.IndexOf('-');
        last = 0;
        if (!long.TryParse(dash < 0 ? text : text[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out first))
            return false;
        last = first;
        return dash < 0 || (long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture,
            out last) && last >= first && last - first < RangeMax);
    }
}
