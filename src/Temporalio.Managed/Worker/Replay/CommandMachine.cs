using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Exceptions;

namespace Temporalio.Worker.Replay;

/// <summary>
/// Something the workflow asked for, from the command that asks, over the event that records the command, to the events
/// that say how it ended. The concrete machines carry their transitions at the head of their files.
/// </summary>
abstract class CommandMachine
{
    /// <summary>The event that this machine's command becomes.</summary>
    public abstract EventType RecordedAs { get; }

    /// <summary>What the workflow asked for, for an error message: <c>activity 3 (Charge)</c>.</summary>
    public abstract string Describe();

    public abstract Command ToCommand();

    /// <summary>The command stands in history. Throws when the event records something else.</summary>
    public abstract void OnRecorded(HistoryEvent e);

    /// <summary>An event that refers to the recorded one. What it means for the workflow is queued with <paramref name="jobs"/>.</summary>
    public virtual void OnEvent(HistoryEvent e, ActivationJobs jobs) =>
        throw Mismatch(e, $"{Describe()} cannot handle it");

    protected static WorkflowNondeterminismException Mismatch(HistoryEvent e, string why) =>
        Nondeterminism.Error(e, why);

    protected void Check(HistoryEvent e, string what, string recorded, string asked)
    {
        if (recorded != asked)
            throw Mismatch(e, $"it has {what} '{recorded}', but the workflow asked for {Describe()} with {what} '{asked}'");
    }
}

/// <summary>A command that nothing follows: cancel requests, markers without data, the ends of a workflow.</summary>
sealed class PlainCommandMachine(Command command, EventType recordedAs, string description) : CommandMachine
{
    public bool EndsWorkflow => command.CommandType is CommandType.CompleteWorkflowExecution or CommandType.FailWorkflowExecution
        or CommandType.CancelWorkflowExecution or CommandType.ContinueAsNewWorkflowExecution;

    public override EventType RecordedAs => recordedAs;

    public override string Describe() => description;

    public override Command ToCommand() => command;

    public override void OnRecorded(HistoryEvent e)
    {
    }
}
