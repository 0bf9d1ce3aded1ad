namespace Temporalio.Client;

/// <summary>Options of starting an update.</summary>
public class WorkflowUpdateStartOptions : WorkflowUpdateOptions
{
    public WorkflowUpdateStartOptions()
    {
    }

    public WorkflowUpdateStartOptions(WorkflowUpdateStage waitForStage) => WaitForStage = waitForStage;

    public WorkflowUpdateStartOptions(string id, WorkflowUpdateStage waitForStage) : base(id) => WaitForStage = waitForStage;

    /// <summary>What the call returns after: <see cref="WorkflowUpdateStage.Accepted"/> or <see cref="WorkflowUpdateStage.Completed"/>. Required.</summary>
    public WorkflowUpdateStage WaitForStage { get; set; }
}
