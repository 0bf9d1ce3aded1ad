namespace Temporalio.Client;

/// <summary>One page of a listing.</summary>
/// <param name="NextPageToken">For the next page; null: there is none.</param>
public record WorkflowListPage(IReadOnlyCollection<WorkflowExecution> Workflows, byte[]? NextPageToken);
