using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Protocol.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Tests.Scenarios;

/// <summary>
/// An engine and its clock, driven by lines of text: a verb, what it is about, options as name=value. What each verb does is
/// one case below; the files beside this one use them all.
/// </summary>
sealed class Scenario
{
    const string Namespace = "default";

    readonly WorkflowEngine _engine = WorkflowEngine.New(1);
    readonly TaskQueue _queue = new() { Name = "q" };
    DateTime _now = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    long _lastCall;
    readonly Dictionary<long, Reply> _late = [];
    readonly Dictionary<string, long> _updates = [];
    ServiceError? _error;
    PollWorkflowTaskQueueResponse _task = new();
    PollActivityTaskQueueResponse _activity = new();
    RecordActivityTaskHeartbeatResponse? _heartbeat;
    StartWorkflowExecutionResponse? _started;
    string _remembered = "";
    long _query;

    public Scenario() => _engine.Step(new EnsureNamespaceInput(Namespace), _now);

    public void Do(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var options = words.Where(word => word.Contains('=')).Select(word => word.Split('=', 2)).DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1]);
        var names = words.Where(word => !word.Contains('=')).ToArray();
        switch (names)
        {
            case ["start", var id]: _started = Call(Start(id, options)) as StartWorkflowExecutionResponse; break;
            case ["signal", var id]: Call(Signal(id, options)); break;
            case ["signal", "with", "start", var id]: Call(SignalWithStart(id, options)); break;
            case ["cancel", var id]: Call(Cancel(id, options)); break;
            case ["terminate", var id]: Call(Terminate(id, options)); break;
            case ["poll"]: _task = Poll(_queue); break;
            case ["poll", "sticky"]: _task = Poll(new TaskQueue { Name = "sticky", Kind = TaskQueueKind.Sticky, NormalName = "q" }); break;
            case ["poll", "activity"]: _activity = PollOf<PollActivityTaskQueueResponse>(new PollActivityTaskQueueRequest { Namespace = Namespace, TaskQueue = _queue, Identity = "w" }); break;
            case ["complete", ..]: Complete(line["complete".Length..], Optional(options, "sticky")); break;
            case ["fail", "task"]: Call(new RespondWorkflowTaskFailedRequest { Namespace = Namespace, TaskToken = _task.TaskToken, Failure = Failed() }); break;
            case ["activity", "completed"]: Call(Completed(options)); break;
            case ["activity", "failed"]: Call(new RespondActivityTaskFailedRequest { Namespace = Namespace, TaskToken = _activity.TaskToken, Failure = Failed(options) }); break;
            case ["heartbeat", .. var details]:
                _heartbeat = Call(Heartbeat(details, options)) as RecordActivityTaskHeartbeatResponse;
                break;
            case ["query", var id]:
                Call(Query(id, options));
                _query = _lastCall;
                break;
            case ["answer", "query"]: Call(AnswerOfQuery()); break;
            case ["restart"]: _engine.Step(new RestartInput(), _now); break;
            case ["update", var id, var update]:
                Call(Update(id, update, options));
                _updates[update] = _lastCall;
                break;
            case ["update", "with", "start", var id, var update]:
                Call(UpdateWithStart(id, update, options));
                _updates[update] = _lastCall;
                break;
            case ["times", var times, ..]:
                for (var i = int.Parse(times); i > 0; i--) Do(string.Join(' ', words[2..]));
                break;
            case ["after", var time]: After(Span(time)); break;
            case ["retention", var time]: Call(Retention(Span(time))); break;
            case ["reset", "sticky", var id]: Call(new ResetStickyTaskQueueRequest { Namespace = Namespace, Execution = Named(id) }); break;
            case ["worker", "leaves"]: Call(new ShutdownWorkerRequest { Namespace = Namespace, StickyTaskQueue = "sticky" }); break;
            case ["remember", var id]: _remembered = RunOf(id); break;
            case ["expect", "error", var code]:
                (_error?.Code.ToString()).ShouldBe(code, _error?.Message);
                _error = null;
                break;
            case ["expect", "task", "of", var id]: _task.WorkflowExecution?.WorkflowId.ShouldBe(id); break;
            case ["expect", "activity", var id, "priority", var priority]: $"{_activity.ActivityId} {_activity.Priority?.PriorityKey}".ShouldBe($"{id} {priority}"); break;
            case ["expect", "task"]: _task.TaskToken.IsEmpty.ShouldBeFalse("no workflow task came"); break;
            case ["expect", "no", "task"]: _task.TaskToken.IsEmpty.ShouldBeTrue("a workflow task came"); break;
            case ["expect", "activity"]: _activity.TaskToken.IsEmpty.ShouldBeFalse("no activity came"); break;
            case ["expect", "no", "activity"]: _activity.TaskToken.IsEmpty.ShouldBeTrue("an activity came"); break;
            case ["expect", "attempt", var attempt]: $"{_activity.Attempt}".ShouldBe(attempt); break;
            case ["expect", "heartbeat", .. var details]: _activity.HeartbeatDetails.ShouldBe(Details(details)); break;
            case ["expect", "cancel", var asked]: (_heartbeat?.CancelRequested.ToString()).ShouldBe(asked); break;
            case ["expect", "timeout", var id, var type, .. var details]: TimeoutOf(id).ShouldBe((type, Details(details))); break;
            case ["expect", "retry", var id, var state]: EventsOf(id).Select(RetryStateOf).Last(found => found is not null).ToString().ShouldBe(state); break;
            // As the event's message itself writes it: "1.500s".
            case ["expect", "event", var id, var type, var text]: EventsOf(id).Last(e => e.EventType.ToString() == type).ToString().Replace(" ", "").ShouldContain(text); break;
            case ["expect", "events", var id, var count]: $"{EventsOf(id).Count}".ShouldBe(count); break;
            case ["expect", "task", "attempt", var attempt]: $"{_task.Attempt}".ShouldBe(attempt); break;
            case ["expect", "queries", var count]: $"{_task.Queries.Count}".ShouldBe(count); break;
            case ["expect", "from", var eventId]: $"{_task.History.Events[0].EventId}".ShouldBe(eventId); break;
            case ["expect", "message", var update]: _task.Messages.ShouldContain(message => message.ProtocolInstanceId == update); break;
            case ["expect", "update", var update, "pending"]: _late.ShouldNotContainKey(_updates[update]); break;
            case ["expect", "update", var update, var outcome]: OutcomeOf(_late[_updates[update]]).ShouldBe(outcome); break;
            case ["expect", "started", var newly]: (_started?.Started.ToString()).ShouldBe(newly); break;
            case ["expect", "same", "run", var id]: RunOf(id).ShouldBe(_remembered); break;
            case ["expect", "new", "run", var id]: RunOf(id).ShouldNotBe(_remembered); break;
            case ["expect", "query", var outcome]: QueryOutcome().ShouldBe(outcome); break;
            case ["expect", "gone", var id]:
                Call(new DescribeWorkflowExecutionRequest { Namespace = Namespace, Execution = Named(id) });
                Do("expect error NotFound");
                break;
            case ["expect", "status", var id, var status]: StatusOf(id).ShouldBe(status); break;
            case ["expect", "history", var id, .. var events]: HistoryOf(id).ShouldBe(events); break;
            default: throw new FormatException($"No step reads so: {line}");
        }
    }

    /// <summary>A refusal that no step expected.</summary>
    public void End() => _error?.Message.ShouldBeNull();

    StartWorkflowExecutionRequest Start(string id, Dictionary<string, string> options)
    {
        var request = new StartWorkflowExecutionRequest
        {
            Namespace = Namespace, WorkflowId = id, WorkflowType = new() { Name = "W" }, TaskQueue = _queue, RequestId = $"request-{++_lastCall}",
            WorkflowRunTimeout = Optional(options, "run"), WorkflowExecutionTimeout = Optional(options, "execution"), WorkflowTaskTimeout = Optional(options, "task"),
            WorkflowStartDelay = Optional(options, "delay"), RetryPolicy = Retry(options), Input = Bytes(options, "input"),
        };
        if (Bytes(options, "memo") is { } memo) request.Memo = new() { Fields = { ["m"] = memo.Payloads_[0] } };
        if (options.TryGetValue("priority", out var priority)) request.Priority = new() { PriorityKey = int.Parse(priority) };
        if (options.TryGetValue("reuse", out var reuse)) request.WorkflowIdReusePolicy = System.Enum.Parse<WorkflowIdReusePolicy>(reuse);
        if (options.TryGetValue("conflict", out var conflict)) request.WorkflowIdConflictPolicy = System.Enum.Parse<WorkflowIdConflictPolicy>(conflict);
        if (options.TryGetValue("request", out var requestId)) request.RequestId = requestId;
        if (options.ContainsKey("attach")) request.OnConflictOptions = new() { AttachRequestId = true };
        return request;
    }

    static SignalWorkflowExecutionRequest Signal(string id, Dictionary<string, string> options) => new()
    {
        Namespace = Namespace, WorkflowExecution = Named(id), SignalName = "s", RequestId = options.GetValueOrDefault("request", ""),
        Input = Bytes(options, "input"),
    };

    SignalWithStartWorkflowExecutionRequest SignalWithStart(string id, Dictionary<string, string> options)
    {
        var start = Start(id, options);
        return new()
        {
            Namespace = Namespace, WorkflowId = id, WorkflowType = start.WorkflowType, TaskQueue = start.TaskQueue, SignalName = "s",
            RequestId = options.GetValueOrDefault("request", ""), WorkflowStartDelay = start.WorkflowStartDelay,
            WorkflowIdReusePolicy = start.WorkflowIdReusePolicy, WorkflowIdConflictPolicy = start.WorkflowIdConflictPolicy,
        };
    }

    // "first=remembered" names the run that was remembered, any other value one that never was.
    string FirstRun(Dictionary<string, string> options) =>
        options.GetValueOrDefault("first", "") is "remembered" ? _remembered : options.GetValueOrDefault("first", "");

    RequestCancelWorkflowExecutionRequest Cancel(string id, Dictionary<string, string> options) => new()
    {
        Namespace = Namespace, WorkflowExecution = Named(id), FirstExecutionRunId = FirstRun(options), Reason = "enough",
    };

    TerminateWorkflowExecutionRequest Terminate(string id, Dictionary<string, string> options) => new()
    {
        Namespace = Namespace, WorkflowExecution = Named(id), FirstExecutionRunId = FirstRun(options),
        Reason = "enough", Details = Bytes(options, "details"),
    };

    RespondActivityTaskCompletedRequest Completed(Dictionary<string, string> options) => new()
    {
        Namespace = Namespace, TaskToken = _activity.TaskToken, Result = Bytes(options, "result"),
    };

    RecordActivityTaskHeartbeatRequest Heartbeat(string[] details, Dictionary<string, string> options) => new()
    {
        Namespace = Namespace, TaskToken = _activity.TaskToken, Details = Bytes(options, "details") ?? Details(details),
    };

    static UpdateNamespaceRequest Retention(TimeSpan time) => new()
    {
        Namespace = Namespace, Config = new() { WorkflowExecutionRetentionTtl = Duration.FromTimeSpan(time) },
    };

    static QueryWorkflowRequest Query(string id, Dictionary<string, string> options) => new()
    {
        Namespace = Namespace, Execution = Named(id), Query = new() { QueryType = "q" },
        QueryRejectCondition = System.Enum.Parse<QueryRejectCondition>(options.GetValueOrDefault("reject", "None")),
    };

    RespondQueryTaskCompletedRequest AnswerOfQuery() => new()
    {
        Namespace = Namespace, TaskToken = _task.TaskToken, CompletedType = QueryResultType.Answered,
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
        Namespace = Namespace, WorkflowExecution = Named(id), WaitPolicy = new() { LifecycleStage = UpdateWorkflowExecutionLifecycleStage.Completed },
        FirstExecutionRunId = FirstRun(options),
        Request = new()
        {
            Meta = new() { UpdateId = update, Identity = "c" }, Input = new() { Name = "u", Args = Bytes(options, "input") },
        },
    };

    void Complete(string text, Duration? sticky)
    {
        var request = new RespondWorkflowTaskCompletedRequest { Namespace = Namespace, TaskToken = _task.TaskToken, Identity = "w" };
        if (sticky is not null)
            request.StickyAttributes = new()
            {
                WorkerTaskQueue = new() { Name = "sticky", Kind = TaskQueueKind.Sticky, NormalName = "q" }, ScheduleToStartTimeout = sticky,
            };
        foreach (var part in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = part.Split(' ');
            if (words is ["markers", var count])
                for (var i = int.Parse(count); i > 0; i--) request.Commands.Add(new Command { CommandType = CommandType.RecordMarker, RecordMarkerCommandAttributes = new() { MarkerName = "m" } });
            else if (words is ["activities", var first, var last])
                for (var i = int.Parse(first); i <= int.Parse(last); i++) request.Commands.Add(Command(["activity", $"{i}", "start-to-close=60s"])!);
            else if (words is ["accept" or "reject" or "take", var update]) Answer(request, update, words[0]);
            else if (Command(words) is { } command) request.Commands.Add(command);
        }
        Call(request);
    }

    // An accepted update is completed at once; one that is taken goes on.
    void Answer(RespondWorkflowTaskCompletedRequest request, string update, string how)
    {
        var asked = _task.Messages.First(message => message.ProtocolInstanceId == update);
        var body = asked.Body.Unpack<Request>();
        if (how == "reject")
        {
            request.Messages.Add(Message("reject", new Rejection { RejectedRequestMessageId = asked.Id, RejectedRequestSequencingEventId = asked.EventId, RejectedRequest = body, Failure = Failed() }));
            return;
        }
        request.Messages.Add(Message("accept", new Acceptance { AcceptedRequestMessageId = asked.Id, AcceptedRequestSequencingEventId = asked.EventId, AcceptedRequest = body }));
        if (how == "accept")
            request.Messages.Add(Message("response", new Response { Meta = body.Meta, Outcome = new() { Success = new() } }));
        foreach (var message in request.Messages.Where(message => message.ProtocolInstanceId == update))
            request.Commands.Add(new Command { CommandType = CommandType.ProtocolMessage, ProtocolMessageCommandAttributes = new() { MessageId = message.Id } });

        Message Message(string kind, IMessage content) => new() { Id = $"{update}/{kind}", ProtocolInstanceId = update, Body = Any.Pack(content) };
    }

    Command? Command(string[] words)
    {
        var options = words.Where(word => word.Contains('=')).Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return words switch
        {
            ["timer", var id, var time] => new() { CommandType = CommandType.StartTimer, StartTimerCommandAttributes = new() { TimerId = id, StartToFireTimeout = Duration.FromTimeSpan(Span(time)) } },
            ["activity", var id, ..] => new()
            {
                CommandType = CommandType.ScheduleActivityTask,
                ScheduleActivityTaskCommandAttributes = new()
                {
                    ActivityId = id, ActivityType = new() { Name = "A" }, TaskQueue = _queue, RetryPolicy = Retry(options),
                    StartToCloseTimeout = Optional(options, "start-to-close"), ScheduleToCloseTimeout = Optional(options, "schedule-to-close"),
                    ScheduleToStartTimeout = Optional(options, "schedule-to-start"), HeartbeatTimeout = Optional(options, "heartbeat"),
                    Priority = options.TryGetValue("priority", out var priority) ? new() { PriorityKey = int.Parse(priority) } : null,
                },
            },
            ["done"] => new() { CommandType = CommandType.CompleteWorkflowExecution, CompleteWorkflowExecutionCommandAttributes = new() },
            ["failed"] => new() { CommandType = CommandType.FailWorkflowExecution, FailWorkflowExecutionCommandAttributes = new() { Failure = Failed() } },
            ["cancel", var eventId] => new() { CommandType = CommandType.RequestCancelActivityTask, RequestCancelActivityTaskCommandAttributes = new() { ScheduledEventId = long.Parse(eventId) } },
            ["unset", var id] => new() { CommandType = CommandType.CancelTimer, CancelTimerCommandAttributes = new() { TimerId = id } },
            ["again"] => new() { CommandType = CommandType.ContinueAsNewWorkflowExecution, ContinueAsNewWorkflowExecutionCommandAttributes = new() { WorkflowType = new() { Name = "W" }, TaskQueue = _queue } },
            ["cancelled"] => new() { CommandType = CommandType.CancelWorkflowExecution, CancelWorkflowExecutionCommandAttributes = new() },
            [var only] when only.StartsWith("sticky=", StringComparison.Ordinal) => null,
            _ => throw new FormatException($"No command reads so: {string.Join(' ', words)}"),
        };
    }

    PollWorkflowTaskQueueResponse Poll(TaskQueue queue) =>
        PollOf<PollWorkflowTaskQueueResponse>(new PollWorkflowTaskQueueRequest { Namespace = Namespace, TaskQueue = queue, Identity = "w" });

    T PollOf<T>(IMessage request) where T : class, IMessage, new()
    {
        if (Call(request) is T answer) return answer;
        _engine.Step(new AbandonInput(_lastCall), _now);
        return new T();
    }

    IMessage? Call(IMessage request)
    {
        End();
        var id = ++_lastCall;
        foreach (var reply in _engine.Step(new CallInput(id, request), _now))
        {
            _late[reply.CallId] = reply;
            if (reply.CallId != id) continue;
            _error = reply.Error;
            return reply.Message;
        }
        return null;
    }

    void After(TimeSpan time)
    {
        var end = _now + time;
        while (_engine.NextDue is { } due && due <= end)
        {
            if (due > _now) _now = due;
            _engine.Step(new TickInput(), _now);
        }
        _now = end;
        _engine.Step(new TickInput(), _now);
    }

    static string? OutcomeOf(Reply reply) => reply.Error?.Code.ToString() ?? (reply.Message switch
    {
        ExecuteMultiOperationResponse both => both.Responses[1].UpdateWorkflow,
        var alone => (UpdateWorkflowExecutionResponse?)alone,
    })?.Outcome?.ValueCase.ToString();

    string StatusOf(string id) =>
        ((DescribeWorkflowExecutionResponse)Call(new DescribeWorkflowExecutionRequest { Namespace = Namespace, Execution = Named(id) })!).WorkflowExecutionInfo.Status.ToString();

    string RunOf(string id) =>
        ((DescribeWorkflowExecutionResponse)Call(new DescribeWorkflowExecutionRequest { Namespace = Namespace, Execution = Named(id) })!)
        .WorkflowExecutionInfo.Execution.RunId;

    string QueryOutcome() => !_late.TryGetValue(_query, out var reply) ? "pending"
        : reply.Error is { } error ? error.Code.ToString()
        : ((QueryWorkflowResponse)reply.Message!).QueryRejected is null ? "answered" : "rejected";

    string[] HistoryOf(string id) => [.. EventsOf(id).Select(e => e.EventType.ToString())];

    // By pages, as a reader with little room asks for it.
    List<HistoryEvent> EventsOf(string id)
    {
        var events = new List<HistoryEvent>();
        var request = new GetWorkflowExecutionHistoryRequest { Namespace = Namespace, Execution = Named(id), MaximumPageSize = 7 };
        do
        {
            var page = (GetWorkflowExecutionHistoryResponse)Call(request)!;
            page.History.Events.Count.ShouldBeInRange(1, request.MaximumPageSize);
            events.AddRange(page.History.Events);
            request.NextPageToken = page.NextPageToken;
        }
        while (!request.NextPageToken.IsEmpty);
        events.Select(e => e.EventId).ShouldBe(Enumerable.Range(1, events.Count).Select(number => (long)number));
        return events;
    }

    (string, Payloads?) TimeoutOf(string id)
    {
        var failure = EventsOf(id).Last(e => e.EventType == EventType.ActivityTaskTimedOut).ActivityTaskTimedOutEventAttributes.Failure;
        return (failure.TimeoutFailureInfo.TimeoutType.ToString(), failure.TimeoutFailureInfo.LastHeartbeatDetails);
    }

    static RetryState? RetryStateOf(HistoryEvent e) =>
        e.ActivityTaskFailedEventAttributes?.RetryState ?? e.ActivityTaskTimedOutEventAttributes?.RetryState ?? e.WorkflowExecutionFailedEventAttributes?.RetryState;

    static WorkflowExecution Named(string id) => new() { WorkflowId = id };
    static Payloads? Details(string[] words) => words.Length == 0 ? null : new() { Payloads_ = { new Payload { Data = ByteString.CopyFromUtf8(string.Join(' ', words)) } } };

    static Payloads? Bytes(Dictionary<string, string> options, string name) =>
        options.TryGetValue(name, out var bytes) ? new() { Payloads_ = { new Payload { Data = ByteString.CopyFrom(new byte[int.Parse(bytes)]) } } } : null;

    static Failure Failed(Dictionary<string, string>? options = null) => new()
    {
        Message = "failed",
        ApplicationFailureInfo = new()
        {
            Type = options?.GetValueOrDefault("type") ?? "T", NonRetryable = options?.ContainsKey("final") ?? false, NextRetryDelay = Optional(options ?? [], "next"),
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

    static Duration? Optional(Dictionary<string, string> options, string name) => options.TryGetValue(name, out var text) ? Duration.FromTimeSpan(Span(text)) : null;

    static RetryPolicy? Retry(Dictionary<string, string> options) => options.TryGetValue("attempts", out var attempts)
        ? new()
        {
            MaximumAttempts = int.Parse(attempts), InitialInterval = Optional(options, "initial") ?? Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
            BackoffCoefficient = double.Parse(options.GetValueOrDefault("coefficient", "2"), CultureInfo.InvariantCulture), MaximumInterval = Optional(options, "most"),
            NonRetryableErrorTypes = { options.TryGetValue("never", out var type) ? [type] : Array.Empty<string>() },
        }
        : null;
}
