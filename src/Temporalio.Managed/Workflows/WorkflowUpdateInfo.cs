namespace Temporalio.Workflows;

/// <summary>The update that is being handled.</summary>
/// <param name="Id">The caller's, or one that its client made up; unique within the run.</param>
/// <param name="Name">The handler's.</param>
public record WorkflowUpdateInfo(string Id, string Name);
