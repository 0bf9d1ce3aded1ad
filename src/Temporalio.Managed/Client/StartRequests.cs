using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client.Interceptors;
using Temporalio.Converters;

namespace Temporalio.Client;

/// <summary>Requests that start workflows, with their values converted.</summary>
static class StartRequests
{
    /// <exception cref="ArgumentException">The task queue or a memo's value is missing.</exception>
    public static async Task<StartWorkflowExecutionRequest> StartAsync(
        StartWorkflowInput input, string @namespace, string identity, DataConverter converter)
    {
        var options = input.Options;
        return new()
        {
            Namespace = @namespace,
            WorkflowId = options.Id,
            WorkflowType = new() { Name = input.Workflow },
            TaskQueue = new() { Name = options.TaskQueue ?? throw new ArgumentException("Task queue required to start workflow") },
            Input = await PayloadsAsync(converter, input.Args).ConfigureAwait(false),
            WorkflowExecutionTimeout = ToDuration(options.ExecutionTimeout),
            WorkflowRunTimeout = ToDuration(options.RunTimeout),
            WorkflowTaskTimeout = ToDuration(options.TaskTimeout),
            Identity = identity,
            RequestId = options.RequestId ?? Guid.NewGuid().ToString(),
            WorkflowIdReusePolicy = options.IdReusePolicy,
            WorkflowIdConflictPolicy = options.IdConflictPolicy,
            RetryPolicy = options.RetryPolicy?.ToProto(),
            CronSchedule = options.CronSchedule ?? "",
            Memo = await MemoAsync(converter, options.Memo).ConfigureAwait(false),
            SearchAttributes = options.TypedSearchAttributes is { Count: > 0 } attributes ? attributes.ToProto() : null,
            Header = await HeaderAsync(converter, input.Headers).ConfigureAwait(false),
            WorkflowStartDelay = ToDuration(options.StartDelay),
            UserMetadata = await converter.ToUserMetadataAsync(options.StaticSummary, options.StaticDetails).ConfigureAwait(false),
            Priority = options.Priority?.ToProto(),
            VersioningOverride = options.VersioningOverride?.ToProto(),
        };
    }

    /// <summary>The same start, but with a signal that is sent in any case.</summary>
    public static async Task<SignalWithStartWorkflowExecutionRequest> SignalWithStartAsync(
        StartWorkflowExecutionRequest start, string signal, IReadOnlyCollection<object?>? args, DataConverter converter) => new()
        {
            Namespace = start.Namespace,
            WorkflowId = start.WorkflowId,
            WorkflowType = start.WorkflowType,
            TaskQueue = start.TaskQueue,
            Input = start.Input,
            WorkflowExecutionTimeout = start.WorkflowExecutionTimeout,
            WorkflowRunTimeout = start.WorkflowRunTimeout,
            WorkflowTaskTimeout = start.WorkflowTaskTimeout,
            Identity = start.Identity,
            RequestId = start.RequestId,
            WorkflowIdReusePolicy = start.WorkflowIdReusePolicy,
            WorkflowIdConflictPolicy = start.WorkflowIdConflictPolicy,
            SignalName = signal,
            SignalInput = await PayloadsAsync(converter, args).ConfigureAwait(false),
            RetryPolicy = start.RetryPolicy,
            CronSchedule = start.CronSchedule,
            Memo = start.Memo,
            SearchAttributes = start.SearchAttributes,
            Header = start.Header,
            WorkflowStartDelay = start.WorkflowStartDelay,
            UserMetadata = start.UserMetadata,
            Priority = start.Priority,
            VersioningOverride = start.VersioningOverride,
        };

    /// <summary>Null for no values.</summary>
    public static async Task<Payloads?> PayloadsAsync(DataConverter converter, IReadOnlyCollection<object?>? values) =>
        values is { Count: > 0 }
            ? new() { Payloads_ = { await converter.ToPayloadsAsync(values).ConfigureAwait(false) } }
            : null;

    /// <summary>Headers are payloads already; only the codec touches them.</summary>
    public static async Task<Header?> HeaderAsync(DataConverter converter, IDictionary<string, Payload>? headers)
    {
        if (headers is null) return null;
        var header = new Header();
        foreach (var (name, payload) in headers)
            header.Fields.Add(
                name,
                converter.PayloadCodec is { } codec ? (await codec.EncodeAsync([payload]).ConfigureAwait(false)).Single() : payload);
        return header;
    }

    static async Task<Memo?> MemoAsync(DataConverter converter, IReadOnlyDictionary<string, object>? values)
    {
        if (values is not { Count: > 0 }) return null;
        var memo = new Memo();
        foreach (var (name, value) in values)
        {
            if (value is null) throw new ArgumentException($"Memo value for {name} is null");
            memo.Fields.Add(name, await converter.ToPayloadAsync(value).ConfigureAwait(false));
        }
        return memo;
    }

    static Duration? ToDuration(TimeSpan? time) => time is { } value ? Duration.FromTimeSpan(value) : null;
}
