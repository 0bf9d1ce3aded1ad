namespace TemporalDevServer.Engine;

/// <summary>One run of a workflow: its state, and what is derived from it.</summary>
sealed class Run(RunState state, Namespace ns)
{
    public RunState State { get; } = state;
    public Namespace Namespace { get; } = ns;

    /// <summary>
    /// When it next needs attention by itself; 0: never. A function of the state, kept by <see cref="Deadlines"/>.
    /// </summary>
    public long Due { get; set; }

    /// <summary>It is among those whose <see cref="Due"/> is to be looked at when the step ends.</summary>
    public bool IsTouched { get; set; }

    /// <summary>It was deleted while the step went on.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Calls that wait for its next event or its end.</summary>
    public List<HistoryWaiter> Waiters { get; } = [];

    public long Number => State.Number;
    public string WorkflowId => State.WorkflowId;
    public string RunId => State.RunId;
    public bool IsOpen => State.Status == WorkflowExecutionStatus.Running;
    public WorkflowTaskState? Task => State.WorkflowTask;

    /// <summary>A worker has the workflow task, so that what happens meanwhile is buffered.</summary>
    public bool HasStartedTask => State.WorkflowTask is { StartedEventId: not 0 };

    public long LastEventId => State.NextEventId - 1;

    public WorkflowExecution Execution => new() { WorkflowId = WorkflowId, RunId = RunId };
    public WorkflowType Type => new() { Name = State.WorkflowType };
}
