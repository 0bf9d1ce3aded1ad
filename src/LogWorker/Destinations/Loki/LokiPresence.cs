namespace LogPipeline.Worker.Destinations.Loki;

/// <summary>Asks Loki which of a stream's lines it has.</summary>
static class LokiPresence
{
    const int PageLines = 1_000;

    /// <summary>Other batches' lines may stand between ours; what is behind so many is taken as missing.</summary>
    const int PagesMax = 60;

    /// <summary>A range ends in front of its end.</summary>
    const long EndsBefore = 1;

    public static async Task<LokiStream> MissingAsync(LokiClient client, LokiStream stream, CancellationToken cancellationToken)
    {
        var present = new HashSet<(long, string)>();
        var (from, last) = (stream.Entries[0].Nanoseconds, stream.Entries[^1].Nanoseconds);
        var selector = Selector(stream);
        for (var page = 0; page < PagesMax; page++)
        {
            if (await client.ReadAsync(selector, from, last + EndsBefore, PageLines, cancellationToken).ConfigureAwait(false) is not { } lines) return stream;
            foreach (var line in lines) present.Add(line);
            // A page that one instant fills cannot be turned.
            if (lines.Count < PageLines || lines[^1].Nanoseconds == from) break;
            from = lines[^1].Nanoseconds;
        }
        return present.Count == 0 ? stream : stream with { Entries = [.. stream.Entries.Where(entry => !present.Contains((entry.Nanoseconds, Encoding.UTF8.GetString(entry.Line.Span))))] };
    }

    static string Selector(LokiStream stream) =>
        "{" + string.Join(',', stream.Labels.Select(label => $"{label.Name}=\"{Escaped(label.Value)}\"")) + "}";

    static string Escaped(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var c in value)
        {
            if (c is '"' or '\\') text.Append('\\').Append(c);
            else if (char.IsControl(c)) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else text.Append(c);
        }
        return text.ToString();
    }
}
