namespace LogPipeline.Worker.Observability;

/// <summary>Finds the batches that wait in Temporal, by its visibility query language.</summary>
static class BacklogQuery
{
    public static string Of(string taskQueue) =>
        $"WorkflowType = '{PipelineDefaults.WorkflowName}' AND TaskQueue = "
        + $"'{taskQueue.Replace("'", "\\'", StringComparison.Ordinal)}' AND ExecutionStatus = 'Running'";
}
