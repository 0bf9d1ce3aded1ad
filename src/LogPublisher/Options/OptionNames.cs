namespace LogPipeline.Publisher.Options;

/// <summary>What to say about a name that is no option's.</summary>
static class OptionNames
{
    /// <param name="place">The name with where it stands.</param>
    /// <param name="name">The name.</param>
    /// <param name="known">The names that would do; not empty.</param>
    public static string Unknown(string place, string name, IEnumerable<string> known) =>
        $"{place} is not an option; did you mean {known.MinBy(other => other.StartsWith(name, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(name, other))}?";

    /// <summary>Letters to insert, leave out or exchange until one name is the other.</summary>
    static int Distance(string a, string b)
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
