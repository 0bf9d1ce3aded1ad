namespace LogPipeline.Workflows.Configuration;

/// <summary>
/// Names of options as people write them in files: with the groups they stand in, with dots or colons between, in any
/// case.
/// </summary>
static class OptionNames
{
    /// <summary>Fewer letters are the beginning of too much.</summary>
    const int BeginningMin = 3;

    /// <summary>What to say about a name that is no option's, with the one that was meant if there is one.</summary>
    /// <param name="place">What stands before the name, for people.</param>
    /// <param name="name">The name, as it was given.</param>
    /// <param name="known">The names that would do, with dots between their parts.</param>
    /// <param name="separator">What stands between the parts of the given name.</param>
    /// <param name="help">What would help where no name is near, as the rest of the sentence.</param>
    public static string Unknown(
        string place, string name, IReadOnlyCollection<string> known, char separator = '.', string help = "")
    {
        var dotted = name.Replace(separator, '.');
        if (known.Any(other => other.StartsWith(dotted + ".", StringComparison.OrdinalIgnoreCase)))
            return $"{place}{name} is a group of options; name options in it.";
        var nearest = known.MinBy(other => Distance(dotted, other));
        if (nearest is null || Distance(dotted, nearest) > Math.Max(1, dotted.Length / 3))
            return $"{place}{name} is not an option{help}.";
        var written = (char.IsLower(name[0]) ? Camel(nearest) : nearest).Replace('.', separator);
        return $"{place}{name} is not an option; did you mean {written}?";
    }

    /// <summary>A name in lower camel case: <c>limits.batchBytesMax</c>.</summary>
    public static string Camel(string name) =>
        string.Join('.', name.Split('.').Select(part => char.ToLowerInvariant(part[0]) + part[1..]));

    /// <summary>
    /// Small when one name is meant by the other: in another group, cut short, or with a slip of the pen.
    /// </summary>
    static int Distance(string name, string other)
    {
        var (last, otherLast) = (LastPart(name), LastPart(other));
        if (string.Equals(last, otherLast, StringComparison.OrdinalIgnoreCase)) return 0;
        if (last.Length >= BeginningMin && otherLast.StartsWith(last, StringComparison.OrdinalIgnoreCase)) return 1;
        return Math.Min(Edits(name, other), Edits(last, otherLast) + 1);
    }

    static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];

    /// <summary>Letters to insert, leave out or exchange until one name is the other.</summary>
    static int Edits(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var corner = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var exchange = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? corner : corner + 1;
                corner = row[j];
                row[j] = Math.Min(exchange, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
