using Temporalio.Api.Failure.V1;

namespace TemporalDevServer.Engine;

/// <summary>Where a run comes from, beyond the request that asks for it.</summary>
sealed record RunOrigin
{
    public ParentState? Parent { get; init; }
    public string ParentNamespace { get; init; } = "";
    public WorkflowExecution? Root { get; init; }
    public string ContinuedRunId { get; init; } = "";
    public ContinueAsNewInitiator Initiator { get; init; }
    public Failure? ContinuedFailure { get; init; }
    public Payloads? LastCompletionResult { get; init; }
    public string FirstRunId { get; init; } = "";
    public string RunId { get; init; } = "";
    public string NewRunOf { get; init; } = "";
    public int Attempt { get; init; } = 1;
    public long ExecutionExpires { get; init; }
    public long Backoff { get; init; }
}
