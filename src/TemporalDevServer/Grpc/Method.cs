using Google.Protobuf;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Grpc;

/// <summary>One call of the services: how its request is read, and how long it may wait for an answer.</summary>
/// <param name="Wait">After this the call is answered with what there is; null: it is answered at once.</param>
/// <param name="Held">
/// Whether a caller whose deadline is shorter than <paramref name="Wait"/> is left to it; others are answered just before.
/// A client asks again for an update that it is told of too early, so that its deadline would never come.
/// </param>
sealed record Method(CallKind Kind, MessageParser Parser, TimeSpan? Wait = null, bool Held = false)
{
    static readonly TimeSpan PollWait = TimeSpan.FromSeconds(60);
    static readonly TimeSpan LongPollWait = TimeSpan.FromSeconds(20);

    const string Workflow = "/temporal.api.workflowservice.v1.WorkflowService/";

    const string Operator = "/temporal.api.operatorservice.v1.OperatorService/";

    static readonly Dictionary<string, Method> All = new(StringComparer.Ordinal)
    {
        [$"{Workflow}StartWorkflowExecution"] = new(CallKind.StartWorkflowExecution, StartWorkflowExecutionRequest.Parser),
        [$"{Workflow}SignalWorkflowExecution"] = new(CallKind.SignalWorkflowExecution, SignalWorkflowExecutionRequest.Parser),
        [$"{Workflow}SignalWithStartWorkflowExecution"] = new(CallKind.SignalWithStartWorkflowExecution, SignalWithStartWorkflowExecutionRequest.Parser),
        [$"{Workflow}RequestCancelWorkflowExecution"] = new(CallKind.RequestCancelWorkflowExecution, RequestCancelWorkflowExecutionRequest.Parser),
        [$"{Workflow}TerminateWorkflowExecution"] = new(CallKind.TerminateWorkflowExecution, TerminateWorkflowExecutionRequest.Parser),
        [$"{Workflow}DeleteWorkflowExecution"] = new(CallKind.DeleteWorkflowExecution, DeleteWorkflowExecutionRequest.Parser),
        [$"{Workflow}ResetStickyTaskQueue"] = new(CallKind.ResetStickyTaskQueue, ResetStickyTaskQueueRequest.Parser),
        [$"{Workflow}PollWorkflowTaskQueue"] = new(CallKind.PollWorkflowTaskQueue, PollWorkflowTaskQueueRequest.Parser, PollWait),
        [$"{Workflow}RespondWorkflowTaskCompleted"] = new(CallKind.RespondWorkflowTaskCompleted, RespondWorkflowTaskCompletedRequest.Parser),
        [$"{Workflow}RespondWorkflowTaskFailed"] = new(CallKind.RespondWorkflowTaskFailed, RespondWorkflowTaskFailedRequest.Parser),
        [$"{Workflow}PollActivityTaskQueue"] = new(CallKind.PollActivityTaskQueue, PollActivityTaskQueueRequest.Parser, PollWait),
        [$"{Workflow}RespondActivityTaskCompleted"] = new(CallKind.RespondActivityTaskCompleted, RespondActivityTaskCompletedRequest.Parser),
        [$"{Workflow}RespondActivityTaskCompletedById"] = new(CallKind.RespondActivityTaskCompletedById, RespondActivityTaskCompletedByIdRequest.Parser),
        [$"{Workflow}RespondActivityTaskFailed"] = new(CallKind.RespondActivityTaskFailed, RespondActivityTaskFailedRequest.Parser),
        [$"{Workflow}RespondActivityTaskFailedById"] = new(CallKind.RespondActivityTaskFailedById, RespondActivityTaskFailedByIdRequest.Parser),
        [$"{Workflow}RespondActivityTaskCanceled"] = new(CallKind.RespondActivityTaskCanceled, RespondActivityTaskCanceledRequest.Parser),
        [$"{Workflow}RespondActivityTaskCanceledById"] = new(CallKind.RespondActivityTaskCanceledById, RespondActivityTaskCanceledByIdRequest.Parser),
        [$"{Workflow}RecordActivityTaskHeartbeat"] = new(CallKind.RecordActivityTaskHeartbeat, RecordActivityTaskHeartbeatRequest.Parser),
        [$"{Workflow}RecordActivityTaskHeartbeatById"] = new(CallKind.RecordActivityTaskHeartbeatById, RecordActivityTaskHeartbeatByIdRequest.Parser),
        [$"{Workflow}QueryWorkflow"] = new(CallKind.QueryWorkflow, QueryWorkflowRequest.Parser, PollWait),
        [$"{Workflow}RespondQueryTaskCompleted"] = new(CallKind.RespondQueryTaskCompleted, RespondQueryTaskCompletedRequest.Parser),
        [$"{Workflow}UpdateWorkflowExecution"] = new(CallKind.UpdateWorkflowExecution, UpdateWorkflowExecutionRequest.Parser, LongPollWait, Held: true),
        [$"{Workflow}PollWorkflowExecutionUpdate"] = new(CallKind.PollWorkflowExecutionUpdate, PollWorkflowExecutionUpdateRequest.Parser, LongPollWait, Held: true),
        [$"{Workflow}ExecuteMultiOperation"] = new(CallKind.ExecuteMultiOperation, ExecuteMultiOperationRequest.Parser, LongPollWait, Held: true),
        [$"{Workflow}ShutdownWorker"] = new(CallKind.ShutdownWorker, ShutdownWorkerRequest.Parser),
        [$"{Workflow}RegisterNamespace"] = new(CallKind.RegisterNamespace, RegisterNamespaceRequest.Parser),
        [$"{Workflow}UpdateNamespace"] = new(CallKind.UpdateNamespace, UpdateNamespaceRequest.Parser),
        [$"{Workflow}GetWorkflowExecutionHistory"] = new(CallKind.GetWorkflowExecutionHistory, GetWorkflowExecutionHistoryRequest.Parser, LongPollWait),
        [$"{Workflow}GetWorkflowExecutionHistoryReverse"] = new(CallKind.GetWorkflowExecutionHistoryReverse, GetWorkflowExecutionHistoryReverseRequest.Parser),
        [$"{Workflow}DescribeWorkflowExecution"] = new(CallKind.DescribeWorkflowExecution, DescribeWorkflowExecutionRequest.Parser),
        [$"{Workflow}ListWorkflowExecutions"] = new(CallKind.ListWorkflowExecutions, ListWorkflowExecutionsRequest.Parser),
        [$"{Workflow}CountWorkflowExecutions"] = new(CallKind.CountWorkflowExecutions, CountWorkflowExecutionsRequest.Parser),
        [$"{Workflow}DescribeTaskQueue"] = new(CallKind.DescribeTaskQueue, DescribeTaskQueueRequest.Parser),
        [$"{Workflow}DescribeNamespace"] = new(CallKind.DescribeNamespace, DescribeNamespaceRequest.Parser),
        [$"{Workflow}ListNamespaces"] = new(CallKind.ListNamespaces, ListNamespacesRequest.Parser),
        [$"{Workflow}GetSystemInfo"] = new(CallKind.GetSystemInfo, GetSystemInfoRequest.Parser),
        [$"{Workflow}GetClusterInfo"] = new(CallKind.GetClusterInfo, GetClusterInfoRequest.Parser),
        [$"{Workflow}GetSearchAttributes"] = new(CallKind.GetSearchAttributes, GetSearchAttributesRequest.Parser),
        [$"{Workflow}RecordWorkerHeartbeat"] = new(CallKind.RecordWorkerHeartbeat, RecordWorkerHeartbeatRequest.Parser),
        [$"{Workflow}ListTaskQueuePartitions"] = new(CallKind.ListTaskQueuePartitions, ListTaskQueuePartitionsRequest.Parser),
        [$"{Workflow}ListSchedules"] = new(CallKind.ListSchedules, ListSchedulesRequest.Parser),
        [$"{Workflow}CountSchedules"] = new(CallKind.CountSchedules, CountSchedulesRequest.Parser),
        [$"{Workflow}ListBatchOperations"] = new(CallKind.ListBatchOperations, ListBatchOperationsRequest.Parser),
        [$"{Workflow}ListWorkers"] = new(CallKind.ListWorkers, ListWorkersRequest.Parser),
        [$"{Workflow}ListWorkerDeployments"] = new(CallKind.ListWorkerDeployments, ListWorkerDeploymentsRequest.Parser),
        [$"{Workflow}GetWorkerVersioningRules"] = new(CallKind.GetWorkerVersioningRules, GetWorkerVersioningRulesRequest.Parser),
        [$"{Workflow}GetWorkerBuildIdCompatibility"] = new(CallKind.GetWorkerBuildIdCompatibility, GetWorkerBuildIdCompatibilityRequest.Parser),
        [$"{Operator}AddSearchAttributes"] = new(CallKind.AddSearchAttributes, AddSearchAttributesRequest.Parser),
        [$"{Operator}RemoveSearchAttributes"] = new(CallKind.RemoveSearchAttributes, RemoveSearchAttributesRequest.Parser),
        [$"{Operator}ListSearchAttributes"] = new(CallKind.ListSearchAttributes, ListSearchAttributesRequest.Parser),
        [$"{Operator}ListClusters"] = new(CallKind.ListClusters, ListClustersRequest.Parser),
        [$"{Operator}ListNexusEndpoints"] = new(CallKind.ListNexusEndpoints, ListNexusEndpointsRequest.Parser),
    };

    public static Method? Find(string path) => All.GetValueOrDefault(path);

    public static Method? Find(CallKind kind) => All.Values.FirstOrDefault(method => method.Kind == kind);
}
