namespace TemporalDevServer.Engine;

// query      := [or] ["ORDER" "BY" name ["ASC" | "DESC"] {"," ...}] ["GROUP" "BY" name]
// or         := and {"OR" and}
// and        := not {"AND" not}
// not        := ["NOT"] ( "(" or ")" | comparison )
// comparison := name ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value
//             | name ["NOT"] "IN" "(" value {"," value} ")"
//             | name ["NOT"] "BETWEEN" value "AND" value
//             | name ["NOT"] "STARTS_WITH" value
//             | name "IS" ["NOT"] "NULL"

/// <summary>
/// The query language of lists and counts: which runs, in which order. As in Temporal's SQL stores a comparison with a
/// value that a run does not have is neither true nor false, and so is its NOT; only IS NULL finds it.
/// </summary>
sealed class VisibilityQuery
{
    const int DepthMax = 50;

    readonly Namespace _ns;
    readonly List<QueryToken> _tokens;
    readonly List<(Func<Run, object?> Read, bool Descending)> _orderBy = [];
    int _at;
    int _depth;

    VisibilityQuery(Namespace ns, string text)
    {
        _ns = ns;
        _tokens = QueryToken.Split(text);
        if (!(Is("ORDER") || Is("GROUP") || AtEnd))
        {
            var or = Or();
            Matches = run => or(run) == true;
        }
        if (Take("ORDER")) OrderByClause();
        if (Take("GROUP"))
        {
            Expect("BY");
            GroupBy = Next().Text;
            if (GroupBy != "ExecutionStatus")
                throw Invalid("'group by' clause is only supported for ExecutionStatus search attribute");
        }
        if (!AtEnd) throw Invalid($"unexpected '{_tokens[_at].Text}'");
    }

    public Func<Run, bool> Matches { get; } = _ => true;
    public IReadOnlyList<(Func<Run, object?> Read, bool Descending)> OrderBy => _orderBy;
    public string? GroupBy { get; }

    /// <exception cref="ServiceError">It is not a query; the message says why.</exception>
    public static VisibilityQuery Parse(Namespace ns, string text) => new(ns, text);

    Func<Run, bool?> Or()
    {
        if (++_depth > DepthMax) throw Invalid("too many nested parentheses");
        var left = And();
        while (Take("OR"))
        {
            var (a, b) = (left, And());
            left = run => a(run) | b(run);
        }
        _depth--;
        return left;
    }

    Func<Run, bool?> And()
    {
        var left = Not();
        while (Take("AND"))
        {
            var (a, b) = (left, Not());
            left = run => a(run) & b(run);
        }
        return left;
    }

    Func<Run, bool?> Not()
    {
        var not = false;
        while (Take("NOT")) not = !not;
        Func<Run, bool?> inner;
        if (Take("("))
        {
            inner = Or();
            Expect(")");
        }
        else inner = Comparison();
        return not ? run => !inner(run) : inner;
    }

    Func<Run, bool?> Comparison()
    {
        var attribute = QueryAttribute.Find(_ns, NextName());
        if (Take("IS"))
        {
            var not = Take("NOT");
            Expect("NULL");
            return run => attribute.Read(run) is null != not;
        }
        var negated = Take("NOT");
        if (Take("IN"))
        {
            Expect("(");
            var values = new List<object> { Value(attribute) };
            while (Take(",")) values.Add(Value(attribute));
            Expect(")");
            return run => negated ^ values.Aggregate(
                (bool?)false, (found, value) => found | attribute.Holds(run, value));
        }
        if (Take("BETWEEN"))
        {
            var low = Value(attribute);
            Expect("AND");
            var high = Value(attribute);
            return run => attribute.Read(run) is { } value
                ? negated ^ (SearchValue.Compare(value, low) >= 0 && SearchValue.Compare(value, high) <= 0)
                : null;
        }
        if (Take("STARTS_WITH"))
        {
            if (attribute.Type is not (IndexedValueType.Keyword or IndexedValueType.Text))
                throw Invalid($"STARTS_WITH needs a Keyword; {attribute.Name} is {attribute.Type}");
            var start = (string)Value(attribute);
            return run => attribute.Read(run) is string text
                ? negated ^ text.StartsWith(start, StringComparison.Ordinal)
                : null;
        }
        if (negated) throw Invalid("NOT is followed by IN, BETWEEN or STARTS_WITH here");
        var sign = Next().Text;
        var given = Value(attribute);
        return sign switch
        {
            "=" => run => attribute.Holds(run, given),
            "!=" or "<>" => run => !attribute.Holds(run, given),
            "<" => run => Compared(run, order => order < 0),
            "<=" => run => Compared(run, order => order <= 0),
            ">" => run => Compared(run, order => order > 0),
            ">=" => run => Compared(run, order => order >= 0),
            _ => throw Invalid($"'{sign}' is no comparison"),
        };

        bool? Compared(Run run, Func<int, bool> holds) =>
            attribute.Read(run) is { } value ? holds(SearchValue.Compare(value, given)) : null;
    }

    void OrderByClause()
    {
        Expect("BY");
        do
        {
            var attribute = QueryAttribute.Find(_ns, NextName());
            var descending = Take("DESC");
            if (!descending) Take("ASC");
            _orderBy.Add((attribute.Read, descending));
        }
        while (Take(","));
    }

    object Value(QueryAttribute attribute)
    {
        var token = Next();
        if (token.Kind == QueryTokenKind.Name && token.Text is not ("true" or "false"))
            throw Invalid($"'{token.Text}' is no value: texts stand in quotes");
        return attribute.ValueOf(token)
            ?? throw Invalid($"'{token.Text}' is no value of {attribute.Name}, which is {attribute.Type}");
    }

    string NextName()
    {
        var token = Next();
        return token.Kind == QueryTokenKind.Name
            ? token.Text
            : throw Invalid($"'{token.Text}' stands where a search attribute was expected");
    }

    QueryToken Next() => AtEnd ? throw Invalid("it ends too early") : _tokens[_at++];

    bool AtEnd => _at == _tokens.Count;

    bool Is(string word) =>
        !AtEnd && _tokens[_at].Kind != QueryTokenKind.Text
            && _tokens[_at].Text.Equals(word, StringComparison.OrdinalIgnoreCase);

    bool Take(string word)
    {
        if (!Is(word)) return false;
        _at++;
        return true;
    }

    void Expect(string word)
    {
        if (!Take(word))
            throw Invalid($"{word} was expected {(AtEnd ? "at the end" : $"before '{_tokens[_at].Text}'")}");
    }

    static ServiceError Invalid(string what) => ServiceError.Invalid($"invalid query: {what}");
}
