namespace Temporalio.Client;

/// <summary>Options of executing an update with a start. <see cref="StartWorkflowOperation"/> is required.</summary>
public class WorkflowUpdateWithStartOptions : WorkflowUpdateOptions
{
    public WorkflowUpdateWithStartOptions()
    {
    }

    public WorkflowUpdateWithStartOptions(WithStartWorkflowOperation startWorkflowOperation) => StartWorkflowOperation = startWorkflowOperation;

    public WorkflowUpdateWithStartOptions(string id, WithStartWorkflowOperation startWorkflowOperation) : base(id) =>
        StartWorkflowOperation = startWorkflowOperation;

    /// <summary>Required; used once.</summary>
    public WithStartWorkflowOperation? StartWorkflowOperation { get; set; }

    /// <summary>A copy, with one of the operation.</summary>
    public override object Clone()
    {
        var copy = (WorkflowUpdateWithStartOptions)base.Clone();
        copy.StartWorkflowOperation = (WithStartWorkflowOperation?)StartWorkflowOperation?.Clone();
        return copy;
    }

    internal WorkflowStartUpdateWithStartOptions ToCompletion() => (WorkflowStartUpdateWithStartOptions)new WorkflowStartUpdateWithStartOptions
    {
        Id = Id,
        Rpc = Rpc,
        StartWorkflowOperation = StartWorkflowOperation,
        WaitForStage = WorkflowUpdateStage.Completed,
    }.Clone();
}

/// <summary>Options of starting an update with a start. The operation and <see cref="WaitForStage"/> are required.</summary>
public class WorkflowStartUpdateWithStartOptions : WorkflowUpdateWithStartOptions
{
    public WorkflowStartUpdateWithStartOptions()
    {
    }

    public WorkflowStartUpdateWithStartOptions(WithStartWorkflowOperation startWorkflowOperation, WorkflowUpdateStage waitForStage)
        : base(startWorkflowOperation) => WaitForStage = waitForStage;

    public WorkflowStartUpdateWithStartOptions(string id, WithStartWorkflowOperation startWorkflowOperation, WorkflowUpdateStage waitForStage)
        : base(id, startWorkflowOperation) => WaitForStage = waitForStage;

    /// <summary>What the call returns after: <see cref="WorkflowUpdateStage.Accepted"/> or <see cref="WorkflowUpdateStage.Completed"/>. Required.</summary>
    public WorkflowUpdateStage WaitForStage { get; set; }
}
