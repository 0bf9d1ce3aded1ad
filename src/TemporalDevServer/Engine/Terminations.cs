namespace TemporalDevServer.Engine;

/// <summary>A client ends a run: terminates it, or deletes it with all that is known of it.</summary>
sealed class Terminations(
    NamespaceRegistry namespaces, RunIndex runs, RunCloser closer, HistoryReader historyReader, WorkflowQueries queries,
    Deadlines deadlines)
{
    public TerminateWorkflowExecutionResponse Terminate(TerminateWorkflowExecutionRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        var run = runs.Get(ns, request.WorkflowExecution);
        RunIndex.CheckFirstRun(run, request.FirstExecutionRunId);
        if (!run.IsOpen) throw ServiceError.Completed();
        Limits.CheckSize("TerminateWorkflowExecutionRequest.Details", request.Details);
        closer.Terminate(run, request.Reason, request.Details, request.Identity);
        return new();
    }

    public DeleteWorkflowExecutionResponse Delete(DeleteWorkflowExecutionRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        var run = runs.Get(ns, request.WorkflowExecution);
        if (run.IsOpen) closer.Terminate(run, "Delete workflow execution", null, ServerInfo.Identity);
        Remove(run);
        return new();
    }

    /// <summary>Removes the run.</summary>
    public void Remove(Run run)
    {
        historyReader.Deleted(run);
        queries.RefuseAll(run, ServiceError.NoWorkflow(run.WorkflowId));
        runs.Remove(run);
        deadlines.Remove(run);
    }
}
