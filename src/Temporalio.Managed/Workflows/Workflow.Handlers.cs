namespace Temporalio.Workflows;

public static partial class Workflow
{
    /// <summary>
    /// True while no signal or update handler has begun and not ended. Wait for it before the run method returns, so that
    /// no caller of an update is left without its result.
    /// </summary>
    public static bool AllHandlersFinished => Context.AllHandlersFinished;

    /// <summary>The update whose handler or validator is running, also in what it calls; null elsewhere.</summary>
    public static WorkflowUpdateInfo? CurrentUpdateInfo => Context.CurrentUpdateInfo;

    /// <summary>
    /// The signal handlers by name, to be changed as the workflow likes. A handler that is set gets the signals of its name that came
    /// before it. Setting one throws <see cref="ArgumentException"/> when the name is not the definition's, and
    /// <see cref="InvalidOperationException"/> in a query or an update's validator.
    /// </summary>
    public static IDictionary<string, WorkflowSignalDefinition> Signals => Context.Signals;

    /// <summary>The query handlers by name; see <see cref="Signals"/>.</summary>
    public static IDictionary<string, WorkflowQueryDefinition> Queries => Context.Queries;

    /// <summary>The update handlers by name; see <see cref="Signals"/>. An update that has no handler when it comes is rejected.</summary>
    public static IDictionary<string, WorkflowUpdateDefinition> Updates => Context.Updates;

    /// <summary>Takes the signals that no other handler takes, those included that came before it was set. Null: they are kept.</summary>
    /// <exception cref="ArgumentException">The definition is not dynamic.</exception>
    public static WorkflowSignalDefinition? DynamicSignal
    {
        get => Context.DynamicSignal;
        set => Context.DynamicSignal = value;
    }

    /// <summary>Answers the queries that no other handler answers.</summary>
    /// <exception cref="ArgumentException">The definition is not dynamic.</exception>
    public static WorkflowQueryDefinition? DynamicQuery
    {
        get => Context.DynamicQuery;
        set => Context.DynamicQuery = value;
    }

    /// <summary>Takes the updates that no other handler takes.</summary>
    /// <exception cref="ArgumentException">The definition is not dynamic.</exception>
    public static WorkflowUpdateDefinition? DynamicUpdate
    {
        get => Context.DynamicUpdate;
        set => Context.DynamicUpdate = value;
    }
}
