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
/// An engine and its clock, driven by lines of text: a verb, what it is about, options as name=value. What each verb
/// does is one case here or in the other parts of this class; the .txt files beside it use them all.
/// </summary>
sealed partial class Scenario
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
        var options = OptionsOf(words);
        var names = words.Where(word => !word.Contains('=')).ToArray();
        switch (names)
        {
            case ["expect", ..]: Expect(names, line); break;
            case ["times", var times, ..]:
                for (var i = int.Parse(times); i > 0; i--) Do(string.Join(' ', words[2..]));
                break;
            case ["after", var time]: After(Span(time)); break;
            case ["restart"]: _engine.Step(new RestartInput(), _now); break;
            case ["remember", var id]: _remembered = RunOf(id); break;
            case ["complete", ..]: Complete(line["complete".Length..], Optional(options, "sticky")); break;
            case ["poll" or "fail" or "activity" or "heartbeat" or "answer" or "worker", ..]:
                DoAsWorker(names, options, line);
                break;
            default: DoAsClient(names, options, line); break;
        }
    }

    static Dictionary<string, string> OptionsOf(string[] words) =>
        words.Where(word => word.Contains('=')).Select(word => word.Split('=', 2))
            .DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1]);

    void DoAsClient(string[] names, Dictionary<string, string> options, string line)
    {
        switch (names)
        {
            case ["start", var id]: _started = Call(Start(id, options)) as StartWorkflowExecutionResponse; break;
            case ["signal", var id]: Call(Signal(id, options)); break;
            case ["signal", "with", "start", var id]: Call(SignalWithStart(id, options)); break;
            case ["cancel", var id]: Call(Cancel(id, options)); break;
            case ["terminate", var id]: Call(Terminate(id, options)); break;
            case ["query", var id]:
                Call(Query(id, options));
                _query = _lastCall;
                break;
            case ["update", var id, var update]:
                Call(Update(id, update, options));
                _updates[update] = _lastCall;
                break;
            case ["update", "with", "start", var id, var update]:
                Call(UpdateWithStart(id, update, options));
                _updates[update] = _lastCall;
                break;
            case ["retention", var time]: Call(Retention(Span(time))); break;
            case ["reset", "sticky", var id]:
                Call(new ResetStickyTaskQueueRequest { Namespace = Namespace, Execution = Named(id) });
                break;
            default: throw new FormatException($"No step reads so: {line}");
        }
    }

    void DoAsWorker(string[] names, Dictionary<string, string> options, string line)
    {
        switch (names)
        {
            case ["poll"]: _task = Poll(_queue); break;
            case ["poll", "sticky"]:
                _task = Poll(new TaskQueue { Name = "sticky", Kind = TaskQueueKind.Sticky, NormalName = "q" });
                break;
            case ["poll", "activity"]: _activity = PollActivity(); break;
            case ["fail", "task"]: Call(FailedTask()); break;
            case ["activity", "completed"]: Call(Completed(options)); break;
            case ["activity", "failed"]: Call(FailedActivity(options)); break;
            case ["heartbeat", .. var details]:
                _heartbeat = Call(Heartbeat(details, options)) as RecordActivityTaskHeartbeatResponse;
                break;
            case ["answer", "query"]: Call(AnswerOfQuery()); break;
            case ["worker", "leaves"]:
                Call(new ShutdownWorkerRequest { Namespace = Namespace, StickyTaskQueue = "sticky" });
                break;
            default: throw new FormatException($"No step reads so: {line}");
        }
    }

    /// <summary>A refusal that no step expected.</summary>
    public void End() => _error?.Message.ShouldBeNull();

    PollWorkflowTaskQueueResponse Poll(TaskQueue queue) =>
        PollOf<PollWorkflowTaskQueueResponse>(new PollWorkflowTaskQueueRequest
        {
            Namespace = Namespace,
            TaskQueue = queue,
            Identity = "w",
        });

    PollActivityTaskQueueResponse PollActivity() =>
        PollOf<PollActivityTaskQueueResponse>(new PollActivityTaskQueueRequest
        {
            Namespace = Namespace,
            TaskQueue = _queue,
            Identity = "w",
        });

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
}
