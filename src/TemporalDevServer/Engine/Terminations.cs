namespace TemporalDevServer.Engine;

/// <summary>A client ends a run: terminates it, or deletes it with all that is known of it.</summary>
sealed class Terminations(
    NamespaceRegistry namespaces, Runs runs, Closing closing, HistoryReaders readers, Queries queries,
    Deadlines deadlines)
{
    public TerminateWorkflowExecutionResponse Terminate(TerminateWorkflowExecutionRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        var run = runs.Get(ns, request.WorkflowExecution);
        Runs.CheckFirstRun(run, request.FirstExecutionRunId);
        if (!run.IsOpen) throw ServiceError.Completed();
        Limits.CheckSize("TerminateWorkflowExecutionRequest.Details", request.Details);
        closing.Terminate(run, request.Reason, request.Details, request.Identity);
        return new();
    }

    public DeleteWorkflowExecutionResponse Delete(DeleteWorkflowExecutionRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        var run = runs.Get(ns, request.WorkflowExecution);
        if (run.IsOpen) closing.Terminate(run, "Delete workflow execution", null, Server.Identity);
        Remove(run);
        return new();
    }

    /// <summary>Nothing is known of the run any more.</summary>
    public void Remove(Run run)
    {
        readers.Deleted(run);
        queries.RefuseAll(run, ServiceError.NoWorkflow(run.WorkflowId));
        runs.Remove(run);
        deadlines.Forget(run);
    }
}
