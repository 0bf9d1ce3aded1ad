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
}
