using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Converters;

namespace Temporalio.Client.Interceptors;

// What each operation was asked to do. Headers travel with the request; null: none yet.

public record StartWorkflowInput(
    string Workflow, IReadOnlyCollection<object?> Args, WorkflowOptions Options, IDictionary<string, Payload>? Headers);

public record SignalWorkflowInput(
    string Id, string? RunId, string Signal, IReadOnlyCollection<object?> Args, WorkflowSignalOptions? Options, IDictionary<string, Payload>? Headers);

public record QueryWorkflowInput(
    string Id, string? RunId, string Query, IReadOnlyCollection<object?> Args, WorkflowQueryOptions? Options, IDictionary<string, Payload>? Headers);

public record StartWorkflowUpdateInput(
    string Id, string? RunId, string? FirstExecutionRunId, string Update, IReadOnlyCollection<object?> Args, WorkflowUpdateStartOptions Options,
    IDictionary<string, Payload>? Headers);

public record DescribeWorkflowInput(string Id, string? RunId, WorkflowDescribeOptions? Options);

public record CancelWorkflowInput(string Id, string? RunId, string? FirstExecutionRunId, WorkflowCancelOptions? Options);

public record TerminateWorkflowInput(
    string Id, string? RunId, string? FirstExecutionRunId, string? Reason, WorkflowTerminateOptions? Options);

public record FetchWorkflowHistoryEventPageInput(
    string Id,
    string? RunId,
    int? PageSize,
    byte[]? NextPageToken,
    bool WaitNewEvent,
    HistoryEventFilterType EventFilterType,
    bool SkipArchival,
    RpcOptions? Rpc);

/// <param name="NextPageToken">For the next page; null: there is none.</param>
public record WorkflowHistoryEventPage(IReadOnlyCollection<HistoryEvent> Events, byte[]? NextPageToken);

public record ListWorkflowsInput(string Query, WorkflowListOptions? Options);

public record ListWorkflowsPaginatedInput(string Query, byte[]? NextPageToken, WorkflowListPaginatedOptions? Options);

public record CountWorkflowsInput(string Query, WorkflowCountOptions? Options);

public record StartUpdateWithStartWorkflowInput(
    string Update, IReadOnlyCollection<object?> Args, WorkflowStartUpdateWithStartOptions Options, IDictionary<string, Payload>? Headers);

/// <param name="DataConverterOverride">Null: the client's.</param>
public record HeartbeatAsyncActivityInput(
    AsyncActivityHandle.Reference Activity, AsyncActivityHeartbeatOptions? Options, DataConverter? DataConverterOverride = null);

/// <param name="DataConverterOverride">Null: the client's.</param>
public record CompleteAsyncActivityInput(
    AsyncActivityHandle.Reference Activity, object? Result, AsyncActivityCompleteOptions? Options, DataConverter? DataConverterOverride = null);

/// <param name="DataConverterOverride">Null: the client's.</param>
public record FailAsyncActivityInput(
    AsyncActivityHandle.Reference Activity, Exception Exception, AsyncActivityFailOptions? Options, DataConverter? DataConverterOverride = null);

/// <param name="DataConverterOverride">Null: the client's.</param>
public record ReportCancellationAsyncActivityInput(
    AsyncActivityHandle.Reference Activity, AsyncActivityReportCancellationOptions? Options, DataConverter? DataConverterOverride = null);
