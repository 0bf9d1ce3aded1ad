namespace TemporalDevServer.Engine;

/// <summary>
/// All runs, by number and by name. For each workflow id one run is the current one: the last that was started.
/// </summary>
sealed class RunIndex
{
    readonly Dictionary<long, Run> _byNumber = [];
    readonly Dictionary<(string Namespace, string WorkflowId, string RunId), Run> _byRunId = [];
    readonly Dictionary<(string Namespace, string WorkflowId), Run> _current = [];
    readonly List<Run> _touched = [];

    public int Count => _byNumber.Count;

    /// <summary>In no order that means anything.</summary>
    public IEnumerable<Run> All => _byNumber.Values;

    public IReadOnlyList<Run> Touched => _touched;

    public Run Add(RunState state, Namespace ns)
    {
        var run = new Run(state, ns);
        _byNumber.Add(state.Number, run);
        _byRunId.Add((ns.Id, state.WorkflowId, state.RunId), run);
        // While a snapshot is read, runs come in any order.
        if (!_current.TryGetValue((ns.Id, state.WorkflowId), out var known) || known.Number < state.Number)
            _current[(ns.Id, state.WorkflowId)] = run;
        Touch(run);
        return run;
    }

    public void Remove(Run run)
    {
        _byNumber.Remove(run.Number);
        _byRunId.Remove((run.Namespace.Id, run.WorkflowId, run.RunId));
        if (Current(run.Namespace, run.WorkflowId) == run) _current.Remove((run.Namespace.Id, run.WorkflowId));
    }

    public Run? ByNumber(long number) => _byNumber.GetValueOrDefault(number);

    public Run? Current(Namespace ns, string workflowId) => _current.GetValueOrDefault((ns.Id, workflowId));

    public Run? Find(Namespace ns, string workflowId, string runId) =>
        runId.Length == 0 ? Current(ns, workflowId) : _byRunId.GetValueOrDefault((ns.Id, workflowId, runId));

    /// <summary>The run that a request names; without a run id, the current one.</summary>
    /// <exception cref="ServiceError">There is none.</exception>
    public Run Get(Namespace ns, WorkflowExecution? execution)
    {
        if (execution is null || execution.WorkflowId.Length == 0)
            throw ServiceError.Invalid("WorkflowId is not set on request.");
        Limits.CheckId("WorkflowId", execution.WorkflowId);
        if (execution.RunId.Length > 0 && !Guid.TryParse(execution.RunId, out _))
            throw ServiceError.Invalid("Invalid RunId.");
        return Find(ns, execution.WorkflowId, execution.RunId) ?? throw ServiceError.NoWorkflow(execution.WorkflowId);
    }

    /// <summary>As <see cref="Get"/>, and the run is open.</summary>
    public Run GetOpen(Namespace ns, WorkflowExecution? execution)
    {
        var run = Get(ns, execution);
        return run.IsOpen ? run : throw ServiceError.Completed();
    }

    /// <summary>A request may say which chain of runs it means.</summary>
    public static void CheckFirstRun(Run run, string firstRunId)
    {
        if (firstRunId.Length > 0 && run.State.FirstRunId != firstRunId) throw ServiceError.NoWorkflow(run.WorkflowId);
    }

    /// <summary>The run has changed: whoever watches it is told when the step ends.</summary>
    public void Touch(Run run)
    {
        if (run.IsTouched) return;
        run.IsTouched = true;
        _touched.Add(run);
    }

    public void ClearTouched()
    {
        foreach (var run in _touched) run.IsTouched = false;
        _touched.Clear();
    }
}
