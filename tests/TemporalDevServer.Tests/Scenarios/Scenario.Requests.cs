using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.WorkflowService.V1;

namespace TemporalDevServer.Tests.Scenarios;

// The requests that the verbs stand for, and how their options read.
sealed partial class Scenario
{
    StartWorkflowExecutionRequest Start(string id, Dictionary<string, string> options)
    {
        var request = new StartWorkflowExecutionRequest
        {
            Namespace = Namespace,
            WorkflowId = id,
            WorkflowType = new() { Name = "W" },
            TaskQueue = _queue,
            RequestId = $"request-{++_lastCall}",
            WorkflowRunTimeout = Optional(options, "run"),
            WorkflowExecutionTimeout = Optional(options, "execution"),
            WorkflowTaskTimeout = Optional(options, "task"),
            WorkflowStartDelay = Optional(options, "delay"),
            RetryPolicy = Retry(options),
            Input = Bytes(options, "input"),
        };
        if (Bytes(options, "memo") is { } memo) request.Memo = new() { Fields = { ["m"] = memo.Payloads_[0] } };
        if (options.TryGetValue("priority", out var priority))
            request.Priority = new() { PriorityKey = int.Parse(priority) };
        if (options.TryGetValue("reuse", out var reuse))
            request.WorkflowIdReusePolicy = System.Enum.Parse<WorkflowIdReusePolicy>(reuse);
        if (options.TryGetValue("conflict", out var conflict))
            request.WorkflowIdConflictPolicy = System.Enum.Parse<WorkflowIdConflictPolicy>(conflict);
        if (options.TryGetValue("request", out var requestId)) request.RequestId = requestId;
        if (options.ContainsKey("attach")) request.OnConflictOptions = new() { AttachRequestId = true };
        return request;
    }

    static SignalWorkflowExecutionRequest Signal(string id, Dictionary<string, string> options) => new()
    {
        Namespace = Namespace,
        WorkflowExecution = Named(id),
        SignalName = "s",
        RequestId = options.GetValueOrDefault("request", ""),
        Input = Bytes(options, "input"),
    };

    SignalWithStartWorkflowExecutionRequest SignalWithStart(string id, Dictionary<string, string> options)
    {
        var start = Start(id, options);
        return new()
        {
            Namespace = Namespace,
            WorkflowId = id,
            WorkflowType = start.WorkflowType,
            TaskQueue = start.TaskQueue,
            SignalName = "s",
            RequestId = options.GetValueOrDefault("request", ""),
            WorkflowStartDelay = start.WorkflowStartDelay,
            WorkflowIdReusePolicy = start.WorkflowIdReusePolicy,
            WorkflowIdConflictPolicy = start.WorkflowIdConflictPolicy,
        };
    }

    // "first=remembered" names the run that was remembered, any other value one that never was.
    string FirstRun(Dictionary<string, string> options) =>
        options.GetValueOrDefault("first", "") is "remembered" ? _remembered : options.GetValueOrDefault("first", "");

    RequestCancelWorkflowExecutionRequest Cancel(string id, Dictionary<string, string> options) => new()
    {
        Namespace = Namespace,
        WorkflowExecution = Named(id),
        FirstExecutionRunId = FirstRun(options),
        Reason = "enough",
    };

    TerminateWorkflowExecutionRequest Terminate(string id, Dictionary<string, string> options) => new()
    {
        Namespace = Namespace,
        WorkflowExecution = Named(id),
        FirstExecutionRunId = FirstRun(options),
        Reason = "enough",
        Details = Bytes(options, "details"),
    };

    RespondWorkflowTaskFailedRequest FailedTask() => new()
    {
        Namespace = Namespace,
        TaskToken = _task.TaskToken,
        Failure = Failed(),
    };

    RespondActivityTaskFailedRequest FailedActivity(Dictionary<string, string> options) => new()
    {
        Namespace = Namespace,
        TaskToken = _activity.TaskToken,
        Failure = Failed(options),
    };

    RespondActivityTaskCompletedRequest Completed(Dictionary<string, string> options) => new()
    {
        Namespace = Namespace,
        TaskToken = _activity.TaskToken,
        Result = Bytes(options, "result"),
    };

    RecordActivityTaskHeartbeatRequest Heartbeat(string[] details, Dictionary<string, string> options) => new()
    {
        Namespace = Namespace,
        TaskToken = _activity.TaskToken,
        Details = Bytes(options, "details") ?? Details(details),
    };

    static UpdateNamespaceRequest Retention(TimeSpan time) => new()
    {
        Namespace = Namespace,
        Config = new() { WorkflowExecutionRetentionTtl = Duration.FromTimeSpan(time) },
    };

    static QueryWorkflowRequest Query(string id, Dictionary<string, string> options) => new()
    {
        Namespace = Namespace,
        Execution = Named(id),
        Query = new() { QueryType = "q" },
        QueryRejectCondition = System.Enum.Parse<QueryRejectCondition>(options.GetValueOrDefault("reject", "None")),
    };

    RespondQueryTaskCompletedRequest AnswerOfQuery() => new()
    {
        Namespace = Namespace,
        TaskToken = _task.TaskToken,
        CompletedType = QueryResultType.Answered,
    };

    ExecuteMultiOperationRequest UpdateWithStart(string id, string update, Dictionary<string, string> options) => new()
    {
        Namespace = Namespace,
        Operations =
        {
            new ExecuteMultiOperationRequest.Types.Operation { StartWorkflow = Start(id, options) },
            new ExecuteMultiOperationRequest.Types.Operation { UpdateWorkflow = Update(id, update, options) },
        },
    };

    UpdateWorkflowExecutionRequest Update(string id, string update, Dictionary<string, string> options) => new()
    {
        Namespace = Namespace,
        WorkflowExecution = Named(id),
        WaitPolicy = new() { LifecycleStage = UpdateWorkflowExecutionLifecycleStage.Completed },
        FirstExecutionRunId = FirstRun(options),
        Request = new()
        {
            Meta = new() { UpdateId = update, Identity = "c" },
            Input = new() { Name = "u", Args = Bytes(options, "input") },
        },
    };

    static WorkflowExecution Named(string id) => new() { WorkflowId = id };

    static Payloads? Details(string[] words) =>
        words.Length == 0 ? null : new()
        {
            Payloads_ = { new Payload { Data = ByteString.CopyFromUtf8(string.Join(' ', words)) } },
        };

    static Payloads? Bytes(Dictionary<string, string> options, string name) =>
        options.TryGetValue(name, out var bytes)
            ? new() { Payloads_ = { new Payload { Data = ByteString.CopyFrom(new byte[int.Parse(bytes)]) } } }
            : null;

    static Failure Failed(Dictionary<string, string>? options = null) => new()
    {
        Message = "failed",
        ApplicationFailureInfo = new()
        {
            Type = options?.GetValueOrDefault("type") ?? "T",
            NonRetryable = options?.ContainsKey("final") ?? false,
            NextRetryDelay = Optional(options ?? [], "next"),
        },
    };

    // "1.5s", "1.5m": fractions are where counting goes wrong.
    static TimeSpan Span(string text)
    {
        var number = decimal.Parse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return text[^1] switch
        {
            's' => new TimeSpan((long)(number * TimeSpan.TicksPerSecond)),
            'm' => new TimeSpan((long)(number * TimeSpan.TicksPerMinute)),
            'h' => new TimeSpan((long)(number * TimeSpan.TicksPerHour)),
            _ => throw new FormatException($"No time reads so: {text}"),
        };
    }

    static Duration? Optional(Dictionary<string, string> options, string name) =>
        options.TryGetValue(name, out var text) ? Duration.FromTimeSpan(Span(text)) : null;

    static RetryPolicy? Retry(Dictionary<string, string> options) => options.TryGetValue("attempts", out var attempts)
        ? new()
        {
            MaximumAttempts = int.Parse(attempts),
            InitialInterval = Optional(options, "initial") ?? Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
            BackoffCoefficient = double.Parse(
                options.GetValueOrDefault("coefficient", "2"), CultureInfo.InvariantCulture),
            MaximumInterval = Optional(options, "most"),
            NonRetryableErrorTypes = { options.TryGetValue("never", out var type) ? [type] : Array.Empty<string>() },
        }
        : null;
}
