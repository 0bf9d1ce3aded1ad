using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Worker.Replay;

namespace Temporalio.Worker;

/// <summary>What a workflow task came to.</summary>
abstract record WorkflowTaskReply
{
    /// <summary>The code went as far as it could. With <paramref name="Heartbeat"/> it still waits for local activities.</summary>
    public sealed record Decided(
        IReadOnlyList<Command> Commands, IReadOnlyList<UpdateMessage> Messages, bool Heartbeat, uint LocalActivityRetries, IReadOnlyCollection<uint> Flags) : WorkflowTaskReply
    {
        /// <summary>What the workflow says itself; unspecified: the worker's default holds.</summary>
        public VersioningBehavior VersioningBehavior { get; init; }
    }

    /// <summary>The code, or its history, cannot go on.</summary>
    /// <param name="FailsWorkflow">The workflow is to fail by it, not its task.</param>
    public sealed record Failed(Failure Failure, WorkflowTaskFailedCause Cause, bool FailsWorkflow = false) : WorkflowTaskReply;
}
