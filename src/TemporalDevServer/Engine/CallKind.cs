namespace TemporalDevServer.Engine;

/// <summary>The calls that the engine answers. The numbers stand in journals: they are never given to another call.</summary>
enum CallKind
{
    StartWorkflowExecution = 1,
    SignalWorkflowExecution = 2,
    SignalWithStartWorkflowExecution = 3,
    RequestCancelWorkflowExecution = 4,
    TerminateWorkflowExecution = 5,
    DeleteWorkflowExecution = 6,
    ResetStickyTaskQueue = 7,
    PollWorkflowTaskQueue = 8,
    RespondWorkflowTaskCompleted = 9,
    RespondWorkflowTaskFailed = 10,
    PollActivityTaskQueue = 11,
    RespondActivityTaskCompleted = 12,
    RespondActivityTaskCompletedById = 13,
    RespondActivityTaskFailed = 14,
    RespondActivityTaskFailedById = 15,
    RespondActivityTaskCanceled = 16,
    RespondActivityTaskCanceledById = 17,
    RecordActivityTaskHeartbeat = 18,
    RecordActivityTaskHeartbeatById = 19,
    QueryWorkflow = 20,
    RespondQueryTaskCompleted = 21,
    UpdateWorkflowExecution = 22,
    PollWorkflowExecutionUpdate = 23,
    ExecuteMultiOperation = 24,
    ShutdownWorker = 25,
    RegisterNamespace = 26,
    UpdateNamespace = 27,
    AddSearchAttributes = 28,
    RemoveSearchAttributes = 29,

    // Questions: they change nothing, so no journal holds them.
    GetWorkflowExecutionHistory = 1001,
    GetWorkflowExecutionHistoryReverse = 1002,
    DescribeWorkflowExecution = 1003,
    ListWorkflowExecutions = 1004,
    CountWorkflowExecutions = 1005,
    DescribeTaskQueue = 1006,
    DescribeNamespace = 1007,
    ListNamespaces = 1008,
    GetSystemInfo = 1009,
    GetClusterInfo = 1010,
    GetSearchAttributes = 1011,
    RecordWorkerHeartbeat = 1012,
    ListSearchAttributes = 1013,
    ListClusters = 1014,
    ListTaskQueuePartitions = 1015,
    ListSchedules = 1016,
    ListBatchOperations = 1017,
    ListWorkers = 1018,
    ListWorkerDeployments = 1019,
    ListNexusEndpoints = 1020,
    GetWorkerVersioningRules = 1021,
    GetWorkerBuildIdCompatibility = 1022,
    CountSchedules = 1023,
}

static class CallKinds
{
    public static bool Changes(this CallKind kind) => (int)kind < 1000;
}
