using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.Workflow.V1;

namespace TemporalDevServer.Engine;

/// <summary>Describes a run or a task queue.</summary>
sealed class Descriptions(EngineStep step, NamespaceRegistry namespaces, RunIndex runs, TaskQueues queues)
{
    // Heartbeats' details and failures of 2,000 activities would not fit into a message: those of the first do.
    const int BytesMax = 3 * 1024 * 1024;

    public DescribeWorkflowExecutionResponse Describe(DescribeWorkflowExecutionRequest request)
    {
        var run = runs.Get(namespaces.Get(request.Namespace), request.Execution);
        var response = Describe(run);
        if (run.State.StartRequestId is { Length: > 0 } requestId)
            response.WorkflowExtendedInfo.RequestIdInfos.Add(
                requestId, new() { EventType = EventType.WorkflowExecutionStarted, EventId = 1 });
        if (run.IsOpen) AddPending(response, run.State);
        return response;
    }

    static DescribeWorkflowExecutionResponse Describe(Run run)
    {
        var state = run.State;
        return new()
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
    }

    static void AddPending(DescribeWorkflowExecutionResponse response, RunState state)
    {
        var bytes = response.CalculateSize();
        foreach (var activity in state.Activities.Values)
        {
            var pending = Pending(activity, withPayloads: bytes < BytesMax);
            // One more that would not fit shows as those behind it do.
            if (bytes + pending.CalculateSize() > BytesMax) pending = Pending(activity, withPayloads: false);
            bytes += pending.CalculateSize();
            response.PendingActivities.Add(pending);
        }
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
                State = task.StartedEventId == 0
                    ? PendingWorkflowTaskState.Scheduled
                    : PendingWorkflowTaskState.Started,
                ScheduledTime = Ticks.ToTimestamp(task.ScheduledTime),
                OriginalScheduledTime = Ticks.ToTimestamp(task.OriginalScheduledTime),
                StartedTime = Ticks.ToTimestampOrNull(task.StartedTime),
                Attempt = task.Attempt,
            };
    }

    public DescribeTaskQueueResponse Describe(DescribeTaskQueueRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        Limits.CheckIsSet(request.TaskQueue);
        return request.ApiMode == DescribeTaskQueueMode.Enhanced
            ? DescribeTypes(ns, request)
            : DescribeOne(ns, request);
    }

    DescribeTaskQueueResponse DescribeOne(Namespace ns, DescribeTaskQueueRequest request)
    {
        var queue = queues.Find(ns, request.TaskQueue.Name, request.TaskQueueType == TaskQueueType.Activity);
        var backlog = Backlog(queue);
        var response = new DescribeTaskQueueResponse { Pollers = { Pollers(queue) } };
        if (request.ReportStats)
        {
            response.Stats = Stats(backlog);
            foreach (var waiting in backlog.GroupBy(Priorities.Of))
                response.StatsByPriorityKey.Add(waiting.Key, Stats([.. waiting]));
        }
        if (request.IncludeTaskQueueStatus) response.TaskQueueStatus = new() { BacklogCountHint = backlog.Count };
        return response;
    }

    DescribeTaskQueueResponse DescribeTypes(Namespace ns, DescribeTaskQueueRequest request)
    {
        IEnumerable<TaskQueueType> types = request.TaskQueueTypes;
        if (request.TaskQueueTypes.Count == 0) types = [TaskQueueType.Workflow, TaskQueueType.Activity];
        var version = new TaskQueueVersionInfo();
        if (request.ReportTaskReachability) version.TaskReachability = BuildIdTaskReachability.Reachable;
        foreach (var type in types.Distinct())
        {
            var queue = queues.Find(ns, request.TaskQueue.Name, type == TaskQueueType.Activity);
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
        Limits.CheckIsSet(request.TaskQueue);
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

    List<TaskState> Backlog(TaskQueueState? queue) =>
        queue is null
            ? []
            : [.. queue.Tasks.Where(task => runs.ByNumber(task.RunNumber) is { } run && IsWanted(run, task))];

    static bool IsWanted(Run run, TaskState task)
    {
        if (task.ActivityEventId != 0)
            return run.State.Activities.TryGetValue(task.ActivityEventId, out var activity)
                && activity.Stamp == task.Stamp;
        if (task.QueryId.Length > 0) return run.State.Queries.Any(query => query.Id == task.QueryId);
        return run.Task?.Stamp == task.Stamp;
    }

    static PendingActivityState StateOf(ActivityState activity)
    {
        if (activity.CancelRequested) return PendingActivityState.CancelRequested;
        return activity.StartedTime != 0 ? PendingActivityState.Started : PendingActivityState.Scheduled;
    }

    static long NextAttemptOf(ActivityState activity) =>
        activity.RetryDue != 0 ? activity.RetryDue : activity.AttemptScheduledTime;

    static PendingActivityInfo Pending(ActivityState activity, bool withPayloads) => new()
    {
        ActivityId = activity.ActivityId,
        ActivityType = new() { Name = activity.ActivityType },
        State = StateOf(activity),
        HeartbeatDetails = withPayloads ? activity.HeartbeatDetails : null,
        LastHeartbeatTime = Ticks.ToTimestampOrNull(activity.LastHeartbeatTime),
        LastStartedTime = Ticks.ToTimestampOrNull(activity.StartedTime),
        Attempt = activity.Attempt,
        MaximumAttempts = activity.RetryPolicy!.MaximumAttempts,
        ScheduledTime = activity.StartedTime == 0 ? Ticks.ToTimestamp(NextAttemptOf(activity)) : null,
        ExpirationTime = Ticks.ToTimestampOrNull(Ticks.After(activity.ScheduledTime, activity.ScheduleToClose)),
        LastFailure = withPayloads ? activity.LastFailure : null,
        LastWorkerIdentity = activity.LastIdentity,
        CurrentRetryInterval = activity.RetryDue != 0 ? Ticks.ToDuration(activity.RetryInterval) : null,
        LastAttemptCompleteTime = Ticks.ToTimestampOrNull(activity.LastAttemptCompleteTime),
        NextAttemptScheduleTime = Ticks.ToTimestampOrNull(activity.RetryDue),
    };
}
