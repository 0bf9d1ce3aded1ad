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
/// value that a run does not have is neither true nor false, and so is its NOT; only IS NULL finds it. All other calls
/// wait while one query is answered, so its length, its terms and its nesting are bounded.
/// </summary>
sealed class VisibilityQuery
{
    const int LengthMax = 64 * 1024;
    const int TermsMax = 256;
    const int OrderByMax = 10;
    const int DepthMax = 50;

    readonly Namespace _ns;
    readonly List<QueryToken> _tokens;
    readonly Dictionary<string, QueryAttribute> _attributes = [];
    readonly List<(Func<Run, object?> Read, bool Descending)> _orderBy = [];
    int _at;
    int _terms;
    int _depth;

    VisibilityQuery(Namespace ns, string text)
    {
        if (text.Length > LengthMax)
            throw Invalid($"it is {text.Length} characters long, and {LengthMax} are allowed");
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
        var any = Chain(And, "OR", decides: true);
        _depth--;
        return any;
    }

    Func<Run, bool?> And() => Chain(Not, "AND", decides: false);

    // Conditions side by side, however many they are; the first that decides ends the search.
    Func<Run, bool?> Chain(Func<Func<Run, bool?>> next, string word, bool decides)
    {
        var first = next();
        if (!Is(word)) return first;
        var chain = new List<Func<Run, bool?>> { first };
        while (Take(word)) chain.Add(next());
        return run =>
        {
            bool? all = !decides;
            foreach (var condition in chain)
            {
                var holds = condition(run);
                if (holds == decides) return decides;
                if (holds is null) all = null;
            }
            return all;
        };
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
        var attribute = NextAttribute();
        if (Take("IS"))
        {
            var not = Take("NOT");
            Expect("NULL");
            CountTerms(1);
            return run => attribute.Read(run) is null != not;
        }
        var negated = Take("NOT");
        if (Take("IN"))
        {
            Expect("(");
            var any = Chain(() => attribute.Is(Value(attribute)), ",", decides: true);
            Expect(")");
            return run => negated ^ any(run);
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
            "=" => Equal(),
            "!=" or "<>" => Different(Equal()),
            "<" => run => Compared(run, order => order < 0),
            "<=" => run => Compared(run, order => order <= 0),
            ">" => run => Compared(run, order => order > 0),
            ">=" => run => Compared(run, order => order >= 0),
            _ => throw Invalid($"'{sign}' is no comparison"),
        };

        Func<Run, bool?> Equal() => attribute.Is(given);

        Func<Run, bool?> Different(Func<Run, bool?> equal) => run => !equal(run);

        bool? Compared(Run run, Func<int, bool> holds) =>
            attribute.Read(run) is { } value ? holds(SearchValue.Compare(value, given)) : null;
    }

    void OrderByClause()
    {
        Expect("BY");
        do
        {
            if (_orderBy.Count == OrderByMax) throw Invalid($"it orders by more than {OrderByMax} search attributes");
            var attribute = NextAttribute();
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
        CountTerms(QueryAttribute.TermsOf(attribute, token));
        return attribute.ValueOf(token)
            ?? throw Invalid($"'{token.Text}' is no value of {attribute.Name}, which is {attribute.Type}");
    }

    // One for each name, so that a run's value is read once however often the query asks for it.
    QueryAttribute NextAttribute()
    {
        var name = NextName();
        if (!_attributes.TryGetValue(name, out var attribute))
            _attributes.Add(name, attribute = QueryAttribute.Find(_ns, name));
        return attribute;
    }

    void CountTerms(int terms)
    {
        _terms += terms;
        if (_terms > TermsMax) throw Invalid($"it has more than {TermsMax} terms");
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
