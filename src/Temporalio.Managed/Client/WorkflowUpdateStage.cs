using Temporalio.Api.Enums.V1;

namespace Temporalio.Client;

/// <summary>How far an update has come.</summary>
public enum WorkflowUpdateStage
{
    /// <summary>Not to be waited for; only here as the unset value.</summary>
    None = UpdateWorkflowExecutionLifecycleStage.Unspecified,

    /// <summary>The server has it. Not to be waited for.</summary>
    Admitted = UpdateWorkflowExecutionLifecycleStage.Admitted,

    /// <summary>The workflow has taken it on; from here on it is durable.</summary>
    Accepted = UpdateWorkflowExecutionLifecycleStage.Accepted,

    /// <summary>Its handler has ended, or its validator has rejected it.</summary>
    Completed = UpdateWorkflowExecutionLifecycleStage.Completed,
}
