namespace TemporalDevServer.Engine;

/// <summary>A call that waits for a run's next event, or for its end.</summary>
readonly record struct HistoryWaiter(long CallId, GetWorkflowExecutionHistoryRequest Request);
