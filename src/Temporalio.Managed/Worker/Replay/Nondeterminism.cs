using Temporalio.Api.History.V1;
using Temporalio.Exceptions;

namespace Temporalio.Worker.Replay;

/// <summary>The sentences for a workflow whose code no longer does what its history says it did.</summary>
static class Nondeterminism
{
    public static WorkflowNondeterminismException Error(HistoryEvent e, string why) =>
        new($"[TMPRL1100] Nondeterminism error: event {e.EventId} ({e.EventType}) does not fit: {why}.");

    public static WorkflowNondeterminismException Unmatched(CommandMachine machine) =>
        new($"[TMPRL1100] Nondeterminism error: the workflow asked for {machine.Describe()}, which its history does not have.");
}
