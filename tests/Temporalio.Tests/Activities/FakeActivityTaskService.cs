using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Exceptions;
using Temporalio.Worker;

namespace Temporalio.Tests.Activities;

/// <summary>A server with one task queue. Refuses answers to tasks that it did not hand out, or that are answered.</summary>
sealed class FakeActivityTaskService : IActivityTaskService
{
    readonly Channel<PollActivityTaskQueueResponse> _tasks = Channel.CreateUnbounded<PollActivityTaskQueueResponse>();
    readonly Channel<IMessage> _answers = Channel.CreateUnbounded<IMessage>();
    readonly Channel<RecordActivityTaskHeartbeatRequest> _heartbeats = Channel.CreateUnbounded<RecordActivityTaskHeartbeatRequest>();
    readonly HashSet<ByteString> _open = [];
    int _next;

    /// <summary>What the server says to a heartbeat.</summary>
    public Func<RecordActivityTaskHeartbeatRequest, RecordActivityTaskHeartbeatResponse> OnHeartbeat { get; set; } = _ => new();

    public PollActivityTaskQueueRequest? LastPoll { get; private set; }

    public int HeartbeatsWaiting => _heartbeats.Reader.Count;

    public PollActivityTaskQueueResponse Schedule(string type, params Payload[] input) => Schedule(type, _ => { }, input);

    public PollActivityTaskQueueResponse Schedule(string type, Action<PollActivityTaskQueueResponse> change, params Payload[] input)
    {
        var number = Interlocked.Increment(ref _next);
        var task = new PollActivityTaskQueueResponse
        {
            TaskToken = ByteString.CopyFromUtf8($"token-{number}"),
            WorkflowNamespace = "ns",
            WorkflowType = new() { Name = "W" },
            WorkflowExecution = new() { WorkflowId = "w", RunId = "r" },
            ActivityType = new() { Name = type },
            ActivityId = number.ToString(),
            Input = new() { Payloads_ = { input } },
            Attempt = 1,
            ScheduledTime = new DateTime(2026, 11, 20, 9, 59, 0, DateTimeKind.Utc).ToTimestamp(),
            CurrentAttemptScheduledTime = new DateTime(2026, 11, 20, 9, 59, 30, DateTimeKind.Utc).ToTimestamp(),
            StartedTime = new DateTime(2026, 11, 20, 10, 0, 0, DateTimeKind.Utc).ToTimestamp(),
            StartToCloseTimeout = TimeSpan.FromMinutes(10).ToDuration(),
        };
        change(task);
        lock (_open) _open.Add(task.TaskToken);
        _tasks.Writer.TryWrite(task).ShouldBeTrue();
        return task;
    }

    public async Task<T> AnswerAsync<T>()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return (await _answers.Reader.ReadAsync(limit.Token)).ShouldBeOfType<T>();
    }

    public async Task<RecordActivityTaskHeartbeatRequest> HeartbeatAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return await _heartbeats.Reader.ReadAsync(limit.Token);
    }

    public bool HasAnswer => _answers.Reader.TryPeek(out _);

    async Task<PollActivityTaskQueueResponse> IActivityTaskService.PollAsync(PollActivityTaskQueueRequest request, CancellationToken cancellationToken)
    {
        LastPoll = request;
        return await _tasks.Reader.ReadAsync(cancellationToken);
    }

    Task<RecordActivityTaskHeartbeatResponse> IActivityTaskService.HeartbeatAsync(RecordActivityTaskHeartbeatRequest request)
    {
        _heartbeats.Writer.TryWrite(request).ShouldBeTrue();
        try
        {
            return Task.FromResult(OnHeartbeat(request));
        }
        catch (RpcException e)
        {
            return Task.FromException<RecordActivityTaskHeartbeatResponse>(e);
        }
    }

    Task IActivityTaskService.CompleteAsync(RespondActivityTaskCompletedRequest request) => Answer(request.TaskToken, request);

    Task IActivityTaskService.FailAsync(RespondActivityTaskFailedRequest request) => Answer(request.TaskToken, request);

    Task IActivityTaskService.CancelAsync(RespondActivityTaskCanceledRequest request) => Answer(request.TaskToken, request);

    Task Answer(ByteString token, IMessage answer)
    {
        lock (_open)
            if (!_open.Remove(token))
                return Task.FromException(new RpcException(RpcException.StatusCode.NotFound, "activity not found", null));
        _answers.Writer.TryWrite(answer).ShouldBeTrue();
        return Task.CompletedTask;
    }
}
