using Temporalio.Workflows;

namespace Temporalio.Worker;

/// <summary>What <see cref="TemporalWorkerOptions.PatchActivationCallback"/> decides about.</summary>
/// <param name="WorkflowInfo">The run that asks for the patch.</param>
/// <param name="PatchId">As given to <see cref="Workflow.Patched"/>.</param>
public record PatchActivationInput(WorkflowInfo WorkflowInfo, string PatchId);
