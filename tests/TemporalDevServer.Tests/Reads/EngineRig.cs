using Google.Protobuf;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Tests.Reads;

/// <summary>An engine, its clock, and what it has replied to which call.</summary>
sealed class EngineRig
{
    readonly WorkflowEngine _engine;
    readonly Dictionary<long, Reply> _replies = [];
    long _lastCall;

    public EngineRig(IHistoryArchive? archive = null)
    {
        _engine = WorkflowEngine.New(1, archive);
        Step(new EnsureNamespaceInput("default"));
    }

    public WorkflowEngine Engine => _engine;

    public DateTime Now { get; private set; } = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public void Pass(TimeSpan time)
    {
        Now += time;
        Step(new TickInput());
    }

    public void Step(EngineInput input)
    {
        foreach (var reply in _engine.Step(input, Now)) _replies.Add(reply.CallId, reply);
    }

    /// <summary>The number of the call, by which <see cref="ReplyTo"/> finds its reply.</summary>
    public long Begin(IMessage request)
    {
        Step(new CallInput(++_lastCall, request));
        return _lastCall;
    }

    /// <summary>Null: it waits.</summary>
    public Reply? ReplyTo(long call) => _replies.TryGetValue(call, out var reply) ? reply : null;

    public T Answer<T>(long call) => (T)ReplyTo(call).ShouldNotBeNull("the call waits").Message.ShouldNotBeNull();

    /// <exception cref="ServiceError">It was refused.</exception>
    public T Call<T>(IMessage request)
    {
        var call = Begin(request);
        return ReplyTo(call)?.Error is { } error ? throw error : Answer<T>(call);
    }

    public string Start(string id, Action<StartWorkflowExecutionRequest>? with = null)
    {
        var request = new StartWorkflowExecutionRequest
        {
            Namespace = "default",
            WorkflowId = id,
            WorkflowType = new() { Name = "W" },
            TaskQueue = new() { Name = "q" },
        };
        with?.Invoke(request);
        return Call<StartWorkflowExecutionResponse>(request).RunId;
    }

    public void Signal(string id) => Call<SignalWorkflowExecutionResponse>(
        new SignalWorkflowExecutionRequest
        {
            Namespace = "default",
            WorkflowExecution = new() { WorkflowId = id },
            SignalName = "s",
        });

    public void Terminate(string id) => Call<TerminateWorkflowExecutionResponse>(
        new TerminateWorkflowExecutionRequest { Namespace = "default", WorkflowExecution = new() { WorkflowId = id } });
}
