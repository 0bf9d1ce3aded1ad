using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.Workflow.V1;

namespace TemporalDevServer.Engine;

/// <summary>What there is to know about one run, and about one task queue.</summary>
sealed class Descriptions(EngineStep step, NamespaceRegistry namespaces, Runs runs, TaskQueues queues)
{
    public DescribeWorkflowExecutionResponse Describe(DescribeWorkflowExecutionRequest request)
    {
        var run = runs.Get(namespaces.Get(request.Namespace), request.Execution);
        var state = run.State;
        var response = new DescribeWorkflowExecutionResponse
        {
            ExecutionConfig = new()
            {
                TaskQueue = new() { Name = state.TaskQueue, Kind = TaskQueueKind.Normal },
                WorkflowExecutionTimeout = Ticks.ToDuration(state.ExecutionTimeout),
                WorkflowRunTimeout = Ticks.ToDuration(state.RunTimeout),
                DefaultWorkflowTaskTimeout = Ticks.ToDuration(state.TaskTimeout),
                UserMetadata = state.UserMetadata,
            },
            WorkflowExecutionInfo = Visibility.Info(run),
            WorkflowExtendedInfo = new()
            {
                ExecutionExpirationTime = Ticks.ToTimestampOrNull(state.ExecutionExpires),
                RunExpirationTime = Ticks.ToTimestampOrNull(state.RunExpires),
                CancelRequested = state.CancelRequested,
                OriginalStartTime = Ticks.ToTimestamp(state.StartTime),
            },
        };
        if (state.StartRequestId.Length > 0)
            response.WorkflowExtendedInfo.RequestIdInfos.Add(state.StartRequestId, new() { EventType = EventType.WorkflowExecutionStarted, EventId = 1 });
        if (!run.IsOpen) return response;
        response.PendingActivities.AddRange(state.Activities.Values.Select(Pending));
        response.PendingChildren.AddRange(state.Children.Values.Select(child => new PendingChildExecutionInfo
        {
            WorkflowId = child.WorkflowId,
            RunId = child.RunId,
            WorkflowTypeName = child.WorkflowType,
            InitiatedId = child.InitiatedEventId,
            ParentClosePolicy = child.ParentClosePolicy,
        }));
        if (state.WorkflowTask is { } task)
            response.PendingWorkflowTask = new()
            {
                State = task.StartedEventId == 0 ? PendingWorkflowTaskState.Scheduled : PendingWorkflowTaskState.Started,
                ScheduledTime = Ticks.ToTimestamp(task.ScheduledTime),
                OriginalScheduledTime = Ticks.ToTimestamp(task.OriginalScheduledTime),
                StartedTime = Ticks.ToTimestampOrNull(task.StartedTime),
                Attempt = task.Attempt,
            };
        return response;
    }

    public DescribeTaskQueueResponse Describe(DescribeTaskQueueRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        if (request.TaskQueue is null || request.TaskQueue.Name.Length == 0) throw ServiceError.Invalid("TaskQueue is not set on request.");
        var name = request.TaskQueue.Name;
        if (request.ApiMode != DescribeTaskQueueMode.Enhanced)
        {
            var queue = queues.Find(ns, name, request.TaskQueueType == TaskQueueType.Activity);
            var response = new DescribeTaskQueueResponse { Pollers = { Pollers(queue) } };
            if (request.ReportStats)
            {
                response.Stats = Stats(Backlog(queue));
                foreach (var waiting in Backlog(queue).GroupBy(Priorities.Of)) response.StatsByPriorityKey.Add(waiting.Key, Stats([.. waiting]));
            }
            if (request.IncludeTaskQueueStatus) response.TaskQueueStatus = new() { BacklogCountHint = Backlog(queue).Count };
            return response;
        }
        var types = request.TaskQueueTypes.Count > 0 ? (IEnumerable<TaskQueueType>)request.TaskQueueTypes : [TaskQueueType.Workflow, TaskQueueType.Activity];
        var version = new TaskQueueVersionInfo { TaskReachability = request.ReportTaskReachability ? BuildIdTaskReachability.Reachable : BuildIdTaskReachability.Unspecified };
        foreach (var type in types.Distinct())
        {
            var queue = queues.Find(ns, name, type == TaskQueueType.Activity);
            var info = new TaskQueueTypeInfo();
            if (request.ReportPollers) info.Pollers.AddRange(Pollers(queue));
            if (request.ReportStats) info.Stats = Stats(Backlog(queue));
            version.TypesInfo.Add((int)type, info);
        }
        return new() { VersionsInfo = { [""] = version } };
    }

    /// <summary>Queues here have one partition.</summary>
    public ListTaskQueuePartitionsResponse Partitions(ListTaskQueuePartitionsRequest request)
    {
        namespaces.Get(request.Namespace);
        if (request.TaskQueue is null || request.TaskQueue.Name.Length == 0) throw ServiceError.Invalid("TaskQueue is not set on request.");
        var only = new TaskQueuePartitionMetadata { Key = request.TaskQueue.Name };
        return new() { ActivityTaskQueuePartitions = { only }, WorkflowTaskQueuePartitions = { only } };
    }

    static IEnumerable<PollerInfo> Pollers(TaskQueueState? queue) =>
        (queue?.Seen ?? []).OrderByDescending(seen => seen.Value).Select(seen => new PollerInfo
        {
            Identity = seen.Key,
            LastAccessTime = Ticks.ToTimestamp(seen.Value),
            RatePerSecond = 100_000,
        });

    TaskQueueStats Stats(List<TaskState> waiting) => new()
    {
        ApproximateBacklogCount = waiting.Count,
        ApproximateBacklogAge = Ticks.ToDuration(waiting.Count == 0 ? 0 : step.Now - waiting.Min(task => task.Time)),
    };

    List<TaskState> Backlog(TaskQueueState? queue) => queue is null ? [] : [.. queue.Tasks.Where(task => runs.ByNumber(task.RunNumber) is { } run && IsWanted(run, task))];

    static bool IsWanted(Run run, TaskState task) =>
        task.ActivityEventId != 0 ? run.State.Activities.TryGetValue(task.ActivityEventId, out var activity) && activity.Stamp == task.Stamp
        : task.QueryId.Length > 0 ? run.State.Queries.Any(query => query.Id == task.QueryId)
        : run.Task?.Stamp == task.Stamp;

    static PendingActivityInfo Pending(ActivityState activity) => new()
    {
        ActivityId = activity.ActivityId,
        ActivityType = new() { Name = activity.ActivityType },
        State = activity.CancelRequested ? PendingActivityState.CancelRequested
            : activity.StartedTime != 0 ? PendingActivityState.Started : PendingActivityState.Scheduled,
        HeartbeatDetails = activity.HeartbeatDetails,
        LastHeartbeatTime = Ticks.ToTimestampOrNull(activity.LastHeartbeatTime),
        LastStartedTime = Ticks.ToTimestampOrNull(activity.StartedTime),
        Attempt = activity.Attempt,
        MaximumAttempts = activity.RetryPolicy!.MaximumAttempts,
        ScheduledTime = activity.StartedTime == 0 ? Ticks.ToTimestamp(activity.RetryDue != 0 ? activity.RetryDue : activity.AttemptScheduledTime) : null,
        ExpirationTime = Ticks.ToTimestampOrNull(Ticks.After(activity.ScheduledTime, activity.ScheduleToClose)),
        LastFailure = activity.LastFailure,
        LastWorkerIdentity = activity.LastIdentity,
        CurrentRetryInterval = activity.RetryDue != 0 ? Ticks.ToDuration(activity.RetryInterval) : null,
        LastAttemptCompleteTime = Ticks.ToTimestampOrNull(activity.LastAttemptCompleteTime),
        NextAttemptScheduleTime = Ticks.ToTimestampOrNull(activity.RetryDue),
    };
}
