namespace TemporalDevServer.Engine;

/// <summary>A search attribute in a query: how a run's value is read and a query's value understood.</summary>
sealed class QueryAttribute
{
    readonly Func<Run, object?> _read;

    // The run that was read last, as a query asks for one run after the other.
    Run? _run;
    object? _value;
    HashSet<string>? _words;

    QueryAttribute(string name, IndexedValueType type, Func<Run, object?> read)
    {
        Name = name;
        Type = type;
        _read = read;
    }

    public string Name { get; }
    public IndexedValueType Type { get; }

    /// <summary>The run's value; null when it has none.</summary>
    public object? Read(Run run)
    {
        if (ReferenceEquals(run, _run)) return _value;
        (_run, _value, _words) = (run, _read(run), null);
        return _value;
    }

    public static QueryAttribute Find(Namespace ns, string name)
    {
        if (SearchAttributeRules.TypeOf(ns, name) is not { } type)
            throw ServiceError.Invalid(
                "invalid query: unable to convert filter expression: invalid search attribute: column name "
                + $"'{name}' is not a valid search attribute");
        return new QueryAttribute(name, type, OfSystem(name) ?? (run => Own(run, name, type)));
    }

    /// <summary>
    /// Whether a run's value is this one, or has it among its values; null where it has none to compare.
    /// </summary>
    public Func<Run, bool?> Is(object given) => Type switch
    {
        // These are looked up in an index: a missing value does not match. Text matches by word, as in a full-text index.
        IndexedValueType.Text => HasAny(WordsOf((string)given)),
        IndexedValueType.KeywordList => HasAny([(string)given]),
        _ => run => Read(run) is { } value ? SearchValue.Order.Compare(value, given) == 0 : null,
    };

    /// <summary>How much a run is compared with, when it is compared with this value.</summary>
    public static int TermsOf(QueryAttribute attribute, QueryToken token) =>
        attribute.Type == IndexedValueType.Text ? WordsOf(token.Text).Length : 1;

    Func<Run, bool?> HasAny(string[] wanted) => run => wanted.Any(Words(run).Contains);

    HashSet<string> Words(Run run)
    {
        var value = Read(run);
        return _words ??= value switch
        {
            string text => new(WordsOf(text), StringComparer.OrdinalIgnoreCase),
            string[] list => new(list, StringComparer.Ordinal),
            _ => [],
        };
    }

    static string[] WordsOf(string text) => text.Split(' ');

    public object? ValueOf(QueryToken token) => Type switch
    {
        IndexedValueType.Int when Name == "ExecutionDuration" => Duration(token.Text),
        IndexedValueType.Int when long.TryParse(token.Text, CultureInfo.InvariantCulture, out var number) => number,
        // A whole number may be compared with one that is not.
        IndexedValueType.Int or IndexedValueType.Double =>
            double.TryParse(token.Text, CultureInfo.InvariantCulture, out var real) ? real : null,
        IndexedValueType.Bool => bool.TryParse(token.Text, out var yes) ? yes : null,
        // A bare number is nanoseconds since 1970.
        IndexedValueType.Datetime when token.Kind == QueryTokenKind.Number
            && long.TryParse(token.Text, CultureInfo.InvariantCulture, out var nanoseconds) =>
            DateTime.UnixEpoch.Ticks + nanoseconds / 100,
        IndexedValueType.Datetime => SearchValue.Instant(token.Text),
        _ when Name == "ExecutionStatus" => Status(token.Text),
        _ => token.Kind == QueryTokenKind.Number ? null : token.Text,
    };

    static object? Own(Run run, string name, IndexedValueType type) =>
        run.State.SearchAttributes is { } attributes && attributes.IndexedFields.TryGetValue(name, out var payload)
        && SearchValue.TryRead(payload, type, out var value) ? value : null;

    static Func<Run, object?>? OfSystem(string name) => name switch
    {
        "WorkflowId" => run => run.WorkflowId,
        "RunId" => run => run.RunId,
        "WorkflowType" => run => run.State.WorkflowType,
        "StartTime" => run => run.State.StartTime,
        "ExecutionTime" => run => run.State.StartTime + run.State.FirstTaskBackoff,
        "CloseTime" => run => run.State.CloseTime == 0 ? null : run.State.CloseTime,
        "ExecutionStatus" => run => run.State.Status.ToString(),
        "TaskQueue" => run => run.State.TaskQueue,
        "HistoryLength" => run => run.IsOpen ? null : run.State.NextEventId - 1,
        "HistorySizeBytes" => run => run.IsOpen ? null : run.State.HistoryBytes,
        "StateTransitionCount" => run => run.IsOpen ? null : run.State.StateTransitions,
        // In nanoseconds, as Temporal indexes it.
        "ExecutionDuration" => run => DurationOf(run.State),
        "ParentWorkflowId" => run => run.State.Parent?.WorkflowId,
        "ParentRunId" => run => run.State.Parent?.RunId,
        "RootWorkflowId" => run => run.State.RootWorkflowId,
        "RootRunId" => run => run.State.RootRunId,
        _ => null,
    };

    static object? DurationOf(RunState run) =>
        run.CloseTime == 0 ? null : (run.CloseTime - run.StartTime - run.FirstTaskBackoff) * 100;

    // "Running" as the SDKs write it, or its name in the protocol.
    static object? Status(string text)
    {
        if (System.Enum.TryParse<WorkflowExecutionStatus>(text, out var status) && !char.IsDigit(text[0]))
            return status.ToString();
        var named = System.Enum.GetValues<WorkflowExecutionStatus>().FirstOrDefault(each => ProtoNameOf(each) == text);
        return named == WorkflowExecutionStatus.Unspecified ? null : named.ToString();
    }

    static string ProtoNameOf(WorkflowExecutionStatus status)
    {
        var words = status.ToString().Select((c, i) =>
            i > 0 && char.IsUpper(c) ? $"_{c}" : char.ToUpperInvariant(c).ToString());
        return $"WORKFLOW_EXECUTION_STATUS_{string.Concat(words)}";
    }

    // Nanoseconds, 1h2m3s as Go writes it, or 00:01:02.
    static object? Duration(string text)
    {
        if (long.TryParse(text, CultureInfo.InvariantCulture, out var nanoseconds)) return nanoseconds;
        if (text.Contains(':'))
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time.Ticks * 100 : null;
        var total = 0d;
        var at = 0;
        while (at < text.Length)
        {
            var from = at;
            while (at < text.Length && (char.IsDigit(text[at]) || text[at] == '.')) at++;
            if (!double.TryParse(text.AsSpan(from, at - from), CultureInfo.InvariantCulture, out var number))
                return null;
            from = at;
            while (at < text.Length && char.IsLetter(text[at])) at++;
            if (NanosecondsOf(text[from..at]) is not { } unit) return null;
            total += number * unit;
        }
        return (long)total;
    }

    static double? NanosecondsOf(string unit) => unit switch
    {
        "ns" => 1,
        "us" or "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "m" => 60e9,
        "h" => 3600e9,
        "d" => 86400e9,
        _ => null,
    };
}
