namespace LogPipeline.Publisher.Redaction;

/// <summary>
/// Tells whether a pair of name and value is one of a connection string: in the same list, with ';' between (or ',' as
/// Redis has it), stands a pair that only connection strings have.
/// </summary>
/// <remarks>
/// <c>DbConnectionStringBuilder</c> takes a whole text and no part of a sentence, allocates, and throws.
/// </remarks>
static class ConnectionPairs
{
    const int ReachMax = 256;

    // Last words: of "Data Source", "Initial Catalog", "User Id" too.
    static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Known =
        new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "server", "source", "datasource", "address", "addr", "host", "hostname", "database", "catalog", "dbname",
        "dbq", "uid", "user", "username", "id", "userid", "port", "endpoint", "accountendpoint", "accountname",
        "defaultendpointsprotocol", "endpointsuffix", "blobendpoint", "sharedaccesskeyname", "entitypath", "deviceid",
        "driver", "provider", "dsn", "sslmode", "encrypt", "pooling", "trustservercertificate", "ssl", "abortconnect",
        "allowadmin", "connecttimeout", "defaultdatabase",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <param name="before">What stands before the pair.</param>
    /// <param name="after">What stands behind it.</param>
    public static bool Join(ReadOnlySpan<char> before, ReadOnlySpan<char> after) =>
        HasBefore(before[Math.Max(0, before.Length - ReachMax)..])
            || HasBehind(after[..Math.Min(after.Length, ReachMax)]);

    /// <summary>Whether another pair comes, or nothing.</summary>
    public static bool GoesOn(ReadOnlySpan<char> text)
    {
        text = text[..Math.Min(text.Length, ReachMax)].TrimStart(' ');
        if (text.IsEmpty || text[0] is '"' or '\'') return true;
        return text.IndexOfAny('=', ';') is > 0 and var end && text[end] == '=';
    }

    static bool HasBefore(ReadOnlySpan<char> text)
    {
        text = text.TrimEnd(' ');
        while (text.Length > 0 && text[^1] is ';' or ',')
        {
            var pairs = text[..^1];
            var start = pairs.LastIndexOf(text[^1]) + 1;
            if (IsKnown(pairs[start..])) return true;
            text = pairs[..start].TrimEnd(' ');
        }
        return false;
    }

    static bool HasBehind(ReadOnlySpan<char> text)
    {
        while (text.Length > 0 && text[0] is ';' or ',')
        {
            var pairs = text[1..];
            var end = pairs.IndexOf(text[0]);
            if (IsKnown(end < 0 ? pairs : pairs[..end])) return true;
            if (end < 0) return false;
            text = pairs[end..];
        }
        return false;
    }

    static bool IsKnown(ReadOnlySpan<char> pair)
    {
        var equals = pair.IndexOf('=');
        if (equals < 0) return false;
        var key = pair[..equals].TrimEnd(' ');
        var end = key.Length;
        while (end > 0 && (char.IsAsciiLetterOrDigit(key[end - 1]) || key[end - 1] == '_')) end--;
        return Known.Contains(key[end..]);
    }
}
