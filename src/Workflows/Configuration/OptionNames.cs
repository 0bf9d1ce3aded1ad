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
        if (Nearest(dotted, known) is not { } nearest) return $"{place}{name} is not an option{help}.";
        var written = (char.IsLower(name[0]) ? Camel(nearest) : nearest).Replace('.', separator);
        return $"{place}{name} is not an option; did you mean {written}?";
    }

    /// <summary>A name in lower camel case: <c>limits.batchBytesMax</c>.</summary>
    public static string Camel(string name) =>
        string.Join('.', name.Split('.').Select(part => char.ToLowerInvariant(part[0]) + part[1..]));

    /// <summary>
    /// The name that was meant: its last part is the same, begins the same or differs by a slip of the pen. Among
    /// several the groups decide. Null: none is near.
    /// </summary>
    static string? Nearest(string name, IEnumerable<string> known)
    {
        var last = LastPart(name);
        return known.Where(other => Slips(last, LastPart(other)) <= Math.Max(1, last.Length / 3))
            .OrderBy(other => Slips(last, LastPart(other))).ThenBy(other => Edits(name, other)).FirstOrDefault();
    }

    static int Slips(string part, string other) =>
        part.Length >= BeginningMin && other.StartsWith(part, StringComparison.OrdinalIgnoreCase)
            ? Math.Min(1, other.Length - part.Length)
            : Edits(part, other);

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
