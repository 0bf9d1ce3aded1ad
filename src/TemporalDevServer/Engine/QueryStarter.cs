using Temporalio.Api.TaskQueue.V1;
using Phase = TemporalDevServer.Engine.State.QueryState.Types.Phase;

namespace TemporalDevServer.Engine;

/// <summary>Hands queries to workers.</summary>
sealed class QueryStarter(EngineStep step, Runs runs, HistoryReaders readers)
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
            TaskToken = Tokens.Of(run, query.Stamp, queryId: query.Id),
            WorkflowExecution = run.Execution,
            WorkflowType = run.Type,
            PreviousStartedEventId = run.State.LastStartedEventId,
            Attempt = 1,
            WorkflowExecutionTaskQueue = new() { Name = run.State.TaskQueue, Kind = TaskQueueKind.Normal },
            Query = query.Query,
        };
        readers.Fill(response, run, queue.Sticky ? run.State.LastStartedEventId + 1 : 1);
        step.Answer(poller.CallId, response);
        return true;
    }
}
