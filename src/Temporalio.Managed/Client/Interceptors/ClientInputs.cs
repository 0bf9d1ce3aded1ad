using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Converters;

namespace Temporalio.Client.Interceptors;

// What each operation was asked to do. Headers travel with the request; null: none yet. An interceptor passes on a changed copy (`with`).

/// <summary>A start, with its signal if the options have one; the headers go to both.</summary>
public record StartWorkflowInput(
    string Workflow, IReadOnlyCollection<object?> Args, WorkflowOptions Options, IDictionary<string, Payload>? Headers);

/// <summary>A signal.</summary>
public record SignalWorkflowInput(
    string Id, string? RunId, string Signal, IReadOnlyCollection<object?> Args, WorkflowSignalOptions? Options, IDictionary<string, Payload>? Headers);

/// <summary>A query.</summary>
public record QueryWorkflowInput(
    string Id, string? RunId, string Query, IReadOnlyCollection<object?> Args, WorkflowQueryOptions? Options, IDictionary<string, Payload>? Headers);

/// <summary>An update of a workflow that runs.</summary>
public record StartWorkflowUpdateInput(
    string Id, string? RunId, string? FirstExecutionRunId, string Update, IReadOnlyCollection<object?> Args, WorkflowUpdateStartOptions Options,
    IDictionary<string, Payload>? Headers);

/// <summary>A description.</summary>
public record DescribeWorkflowInput(string Id, string? RunId, WorkflowDescribeOptions? Options);

/// <summary>A request to cancel.</summary>
public record CancelWorkflowInput(string Id, string? RunId, string? FirstExecutionRunId, WorkflowCancelOptions? Options);

/// <summary>A termination.</summary>
public record TerminateWorkflowInput(
    string Id, string? RunId, string? FirstExecutionRunId, string? Reason, WorkflowTerminateOptions? Options);

/// <summary>One page of a history; results and histories are made of such pages.</summary>
public record FetchWorkflowHistoryEventPageInput(
    string Id,
    string? RunId,
    int? PageSize,
    byte[]? NextPageToken,
    bool WaitNewEvent,
    HistoryEventFilterType EventFilterType,
    bool SkipArchival,
    RpcOptions? Rpc);

/// <summary>Events, oldest first. With a wait for new events it may be empty and still name a next page.</summary>
/// <param name="NextPageToken">For the next page; null: there is none.</param>
public record WorkflowHistoryEventPage(IReadOnlyCollection<HistoryEvent> Events, byte[]? NextPageToken);

/// <summary>A listing of all pages.</summary>
public record ListWorkflowsInput(string Query, WorkflowListOptions? Options);

/// <summary>One page of a listing.</summary>
public record ListWorkflowsPaginatedInput(string Query, byte[]? NextPageToken, WorkflowListPaginatedOptions? Options);

/// <summary>A count.</summary>
public record CountWorkflowsInput(string Query, WorkflowCountOptions? Options);

/// <summary>An update of a workflow that is started if it does not run. The headers are the update's; those of the start stand in its options.</summary>
public record StartUpdateWithStartWorkflowInput(
    string Update, IReadOnlyCollection<object?> Args, WorkflowStartUpdateWithStartOptions Options, IDictionary<string, Payload>? Headers);

/// <summary>A heartbeat of an activity that is completed from elsewhere.</summary>
/// <param name="DataConverterOverride">Null: the client's.</param>
public record HeartbeatAsyncActivityInput(
    AsyncActivityHandle.Reference Activity, AsyncActivityHeartbeatOptions? Options, DataConverter? DataConverterOverride = null);

/// <summary>The completion of an activity from elsewhere.</summary>
/// <param name="DataConverterOverride">Null: the client's.</param>
public record CompleteAsyncActivityInput(
    AsyncActivityHandle.Reference Activity, object? Result, AsyncActivityCompleteOptions? Options, DataConverter? DataConverterOverride = null);

/// <summary>The failure of an activity from elsewhere.</summary>
/// <param name="DataConverterOverride">Null: the client's.</param>
public record FailAsyncActivityInput(
    AsyncActivityHandle.Reference Activity, Exception Exception, AsyncActivityFailOptions? Options, DataConverter? DataConverterOverride = null);

/// <summary>The end by cancellation of an activity that is completed from elsewhere.</summary>
/// <param name="DataConverterOverride">Null: the client's.</param>
public record ReportCancellationAsyncActivityInput(
    AsyncActivityHandle.Reference Activity, AsyncActivityReportCancellationOptions? Options, DataConverter? DataConverterOverride = null);
