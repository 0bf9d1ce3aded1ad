using Phase = TemporalDevServer.Engine.State.QueryState.Types.Phase;

namespace TemporalDevServer.Engine;

/// <summary>Hands queries to workers.</summary>
sealed class QueryStarter(EngineStep step, RunIndex runs, HistoryReader historyReader)
{
    public bool TryStart(Run run, TaskState task, TaskQueueState queue, PollerState poller)
    {
        if (run.State.Queries.FirstOrDefault(each => each.Id == task.QueryId) is not { Phase: Phase.Queued } query
            || query.Stamp != task.Stamp)
            return false;
        query.Phase = Phase.Started;
        runs.Touch(run);
        var response = new PollWorkflowTaskQueueResponse
        {
            TaskToken = CallTokens.Of(run, query.Stamp, queryId: query.Id),
            WorkflowExecution = run.Execution,
            WorkflowType = run.Type,
            PreviousStartedEventId = run.State.LastStartedEventId,
            Attempt = 1,
            WorkflowExecutionTaskQueue = new() { Name = run.State.TaskQueue, Kind = TaskQueueKind.Normal },
            Query = query.Query,
        };
        historyReader.Fill(response, run, queue.Sticky ? run.State.LastStartedEventId + 1 : 1);
        step.Answer(poller.CallId, response);
        return true;
    }

    /// <summary>Queries that wait go with the task that starts.</summary>
    public static void AttachTo(Run run, WorkflowTaskState task, PollWorkflowTaskQueueResponse response)
    {
        task.QueryIds.Clear();
        foreach (var query in run.State.Queries)
        {
            if (query.Phase != Phase.Buffered) continue;
            query.Phase = Phase.Attached;
            task.QueryIds.Add(query.Id);
            response.Queries.Add(query.Id, query.Query);
        }
    }
}
