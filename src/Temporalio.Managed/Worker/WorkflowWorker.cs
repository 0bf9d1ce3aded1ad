using Google.Protobuf.Collections;
using Microsoft.Extensions.Logging;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Query.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker.Replay;

namespace Temporalio.Worker;

/// <summary>
/// Polls workflow tasks, takes each run through its task, and answers. Remembers runs (its sticky queue gets their next
/// tasks with only the new events); a run it does not remember is replayed from its first event.
/// </summary>
sealed partial class WorkflowWorker
{
    const int HistoryPageSize = 1000;
    static readonly TimeSpan DeadlockTimeout = TimeSpan.FromSeconds(2);

    readonly WorkflowService _service;
    readonly WorkflowWorkerSettings _settings;
    readonly WorkflowRunFactory _factory;
    readonly WorkflowTaskHandler _handler;
    readonly WorkflowRunCache _cache;
    readonly WorkflowReplies _replies;
    readonly ILogger _logger;
    readonly List<TaskPoller<PollWorkflowTaskQueueResponse>> _pollers = [];

    public WorkflowWorker(WorkflowService service, WorkflowWorkerSettings settings, WorkflowRunFactory factory, LocalActivityRunner localActivities, ILogger logger)
    {
        _service = service;
        _settings = settings;
        _factory = factory;
        _logger = logger;
        _handler = new WorkflowTaskHandler(settings.DataConverter, localActivities, settings.Time, settings.DebugMode ? null : DeadlockTimeout);
        _cache = new WorkflowRunCache(settings.MaxCachedWorkflows);
        _replies = new WorkflowReplies(service, settings, logger);
        var sticky = settings.MaxCachedWorkflows == 0
            ? 0
            : Math.Max(1, settings.Pollers - Math.Max(1, (int)(settings.Pollers * settings.NonStickyToStickyPollRatio)));
        AddPoller(settings.TaskQueue, TaskQueueKind.Normal, Math.Max(1, settings.Pollers - sticky));
        if (sticky > 0) AddPoller(settings.StickyQueue, TaskQueueKind.Sticky, sticky);
    }

    public void Start() => _pollers.ForEach(p => p.Start());

    public async Task StopPollingAsync()
    {
        await Task.WhenAll(_pollers.Select(p => p.StopPollingAsync())).ConfigureAwait(false);
        if (_settings.MaxCachedWorkflows > 0) await _replies.ForgetStickyQueueAsync().ConfigureAwait(false);
    }

    public Task DrainAsync() => Task.WhenAll(_pollers.Select(p => p.DrainAsync()));

    void AddPoller(string queue, TaskQueueKind kind, int pollers)
    {
        var request = new PollWorkflowTaskQueueRequest
        {
            Namespace = _settings.Namespace,
            TaskQueue = new() { Name = queue, Kind = kind, NormalName = kind == TaskQueueKind.Sticky ? _settings.TaskQueue : "" },
            Identity = _settings.Identity,
            WorkerVersionCapabilities = new() { BuildId = _settings.BuildId },
        };
        _pollers.Add(new(
            new($"workflow task queue {queue}", pollers, _settings.MaxConcurrentTasks) { Time = _settings.Time },
            async cancellationToken =>
            {
                var task = await _service.PollWorkflowTaskQueueAsync(request, new() { CancellationToken = cancellationToken }).ConfigureAwait(false);
                return task.TaskToken.IsEmpty ? null : task;
            },
            HandleAsync,
            _logger));
    }

    async Task HandleAsync(PollWorkflowTaskQueueResponse task)
    {
        var known = _cache.Find(task.WorkflowExecution.RunId);
        var run = known ?? _factory.Create(task.WorkflowExecution.WorkflowId, task.WorkflowExecution.RunId);
        var gate = run.Gate;
        await gate.WaitAsync().ConfigureAwait(false);
        try
        {
            // The server may answer a completion with the run's next task, when the last one only kept it alive.
            PollWorkflowTaskQueueResponse? next = task;
            while (next != null)
            {
                var after = await HandleOneAsync(next, run).ConfigureAwait(false);
                (next, run) = (after.Next, after.Run);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    async Task<(PollWorkflowTaskQueueResponse? Next, WorkflowRun Run)> HandleOneAsync(PollWorkflowTaskQueueResponse task, WorkflowRun run)
    {
        var taken = _settings.Time.GetUtcNow();
        try
        {
            run = await FeedAsync(task, run).ConfigureAwait(false);
            run.Machines.Receive(await ReadRequestsAsync(task).ConfigureAwait(false));
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            _cache.Evict(run); // the run is gone from the server
            return (null, run);
        }
        if (await _handler.AdvanceAsync(run).ConfigureAwait(false) is { } failed)
        {
            _cache.Evict(run);
            await _replies.FailAsync(task, failed).ConfigureAwait(false);
            return (null, run);
        }
        if (task.Query != null)
        {
            _cache.Keep(run);
            await _replies.AnswerAsync(task, Answer(run, task.Query)).ConfigureAwait(false);
            return (null, run);
        }
        switch (await _handler.DecideAsync(run, taken, CancellationToken.None).ConfigureAwait(false))
        {
            case WorkflowTaskReply.Failed failure:
                _cache.Evict(run);
                await _replies.FailAsync(task, failure).ConfigureAwait(false);
                return (null, run);
            case WorkflowTaskReply.Decided decided:
                if (run.Ended) _cache.Evict(run);
                else _cache.Keep(run);
                var answers = task.Queries.ToDictionary(q => q.Key, q => Answer(run, q.Value));
                var (current, next) = await _replies.CompleteAsync(task, decided, answers).ConfigureAwait(false);
                return (next, current ? run : Restart(run));
            default:
                throw new InvalidOperationException("Unknown reply.");
        }
    }

    // Gives the run the task's events; a run that misses some starts anew from the first event.
    async Task<WorkflowRun> FeedAsync(PollWorkflowTaskQueueResponse task, WorkflowRun run)
    {
        var events = new List<HistoryEvent>(task.History?.Events ?? []);
        var token = task.NextPageToken;
        while (!token.IsEmpty) token = await FetchAsync(task, token, events).ConfigureAwait(false);
        await DecodeAsync(events).ConfigureAwait(false);
        if (run.LastEventId > 0 && run.LastEventId != task.PreviousStartedEventId && task.Query == null)
            run = Restart(run); // this worker remembers something that the server does not
        var nothing = events.Count == 0 && run.LastEventId == 0;
        if (!nothing && run.TryAddHistory(events)) return run;

        run = Restart(run);
        var given = events.ToArray();
        events.Clear();
        token = Google.Protobuf.ByteString.Empty;
        do token = await FetchAsync(task, token, events).ConfigureAwait(false);
        while (!token.IsEmpty);
        if (task.StartedEventId > 0) events.RemoveAll(e => e.EventId > task.StartedEventId);
        await DecodeAsync(events).ConfigureAwait(false);
        // The start of a task that may come to nothing stands in the task alone.
        if (task.Query == null) events.AddRange(given.Where(e => e.EventId > (events.Count == 0 ? 0 : events[^1].EventId)).ToArray());
        if (!run.TryAddHistory(events))
            throw new InvalidWorkflowOperationException($"The history of run {run.RunId} has gaps.");
        return run;
    }

    WorkflowRun Restart(WorkflowRun run)
    {
        _cache.Evict(run);
        return _factory.Create(run.WorkflowId, run.RunId);
    }

    async Task<Google.Protobuf.ByteString> FetchAsync(PollWorkflowTaskQueueResponse task, Google.Protobuf.ByteString token, List<HistoryEvent> events)
    {
        var page = await _service.GetWorkflowExecutionHistoryAsync(
            new()
            {
                Namespace = _settings.Namespace,
                Execution = task.WorkflowExecution,
                MaximumPageSize = HistoryPageSize,
                NextPageToken = token,
            },
            new() { Retry = true }).ConfigureAwait(false);
        events.AddRange(page.History?.Events ?? []);
        return page.NextPageToken;
    }

    async Task<List<UpdateRequest>> ReadRequestsAsync(PollWorkflowTaskQueueResponse task)
    {
        var requests = new List<UpdateRequest>();
        foreach (var message in task.Messages)
            requests.Add(await UpdateRequest.ReadAsync(message, _settings.DataConverter.PayloadCodec).ConfigureAwait(false));
        return requests;
    }

    async Task DecodeAsync(List<HistoryEvent> events)
    {
        if (_settings.DataConverter.PayloadCodec is not { } codec) return;
        foreach (var e in events) await PayloadVisitor.VisitAsync(e, codec.DecodeAsync).ConfigureAwait(false);
    }

    Func<Task<WorkflowQueryResult>> Answer(WorkflowRun run, WorkflowQuery query) => async () =>
    {
        try
        {
            var input = new RepeatedField<Api.Common.V1.Payload> { query.QueryArgs?.Payloads_ ?? [] };
            if (_settings.DataConverter.PayloadCodec is { } codec && query.QueryArgs != null)
                input = [.. await codec.DecodeAsync(input).ConfigureAwait(false)];
            var answer = run.Instance.Query(query.QueryType, input);
            if (_settings.DataConverter.PayloadCodec is { } encoder) answer = await encoder.EncodeSingleAsync(answer).ConfigureAwait(false);
            return new() { ResultType = QueryResultType.Answered, Answer = new() { Payloads_ = { answer } } };
        }
        // The edge to user code: whatever a query throws is its answer.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            WorkflowWorkerLog.QueryFailed(_logger, run.WorkflowId, run.RunId, e.Message);
            return new()
            {
                ResultType = QueryResultType.Failed,
                ErrorMessage = e.Message,
                Failure = await _settings.DataConverter.ToFailureAsync(e).ConfigureAwait(false),
            };
        }
    };
}

/// <summary>What the workflow side of a worker is told.</summary>
sealed record WorkflowWorkerSettings
{
    public required string Namespace { get; init; }

    public required string TaskQueue { get; init; }

    /// <summary>This worker's own queue, for the tasks of runs it remembers.</summary>
    public required string StickyQueue { get; init; }

    public required string Identity { get; init; }

    public required string BuildId { get; init; }

    public required DataConverter DataConverter { get; init; }

    public required int MaxCachedWorkflows { get; init; }

    public required int MaxConcurrentTasks { get; init; }

    public required int Pollers { get; init; }

    public required float NonStickyToStickyPollRatio { get; init; }

    public required TimeSpan StickyScheduleToStartTimeout { get; init; }

    public bool DebugMode { get; init; }

    public NamespaceLimits Limits { get; init; } = NamespaceLimits.None;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
