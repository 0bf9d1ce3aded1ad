namespace TemporalDevServer.Engine;

enum QueryTokenKind
{
    Name,
    Text,
    Number,
    Sign,
}

/// <summary>A word of a visibility query.</summary>
readonly record struct QueryToken(QueryTokenKind Kind, string Text)
{
    public static List<QueryToken> Split(string query)
    {
        var tokens = new List<QueryToken>();
        for (var at = 0; at < query.Length;)
        {
            var c = query[at];
            if (char.IsWhiteSpace(c))
            {
                at++;
                continue;
            }
            if (c is '\'' or '"' or '`')
            {
                tokens.Add(new(c == '`' ? QueryTokenKind.Name : QueryTokenKind.Text, Quoted(query, ref at)));
                continue;
            }
            var from = at;
            if (char.IsLetter(c) || c == '_')
            {
                while (at < query.Length && (char.IsLetterOrDigit(query[at]) || query[at] is '_' or '-' or '.')) at++;
                tokens.Add(new(QueryTokenKind.Name, query[from..at]));
            }
            else if (char.IsDigit(c) || (c is '-' or '+' && at + 1 < query.Length && char.IsDigit(query[at + 1])))
            {
                at++;
                // "5e-1" is one number.
                while (at < query.Length && (char.IsLetterOrDigit(query[at]) || query[at] == '.'
                    || (query[at] is '-' or '+' && query[at - 1] is 'e' or 'E'))) at++;
                tokens.Add(new(QueryTokenKind.Number, query[from..at]));
            }
            else
            {
                at += at + 1 < query.Length && query.Substring(at, 2) is "<=" or ">=" or "!=" or "<>" ? 2 : 1;
                tokens.Add(new(QueryTokenKind.Sign, query[from..at]));
            }
        }
        return tokens;
    }

    // A quote inside is doubled, or escaped by a backslash.
    static string Quoted(string query, ref int at)
    {
        var quote = query[at++];
        var text = new System.Text.StringBuilder();
        while (true)
        {
            if (at == query.Length) throw ServiceError.Invalid("invalid query: a quote is not closed");
            if (query[at] == '\\' && at + 1 < query.Length) text.Append(query[++at]);
            else if (query[at] != quote) text.Append(query[at]);
            else if (at + 1 < query.Length && query[at + 1] == quote) text.Append(query[++at]);
            else break;
            at++;
        }
        at++;
        return text.ToString();
    }
}
