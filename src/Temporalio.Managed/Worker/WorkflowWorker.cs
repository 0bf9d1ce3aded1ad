using Microsoft.Extensions.Logging;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Query.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker.Replay;
using Temporalio.Worker.Tuning;

namespace Temporalio.Worker;

/// <summary>
/// Polls workflow tasks, takes each run through its task, and answers. Remembers runs (its sticky queue gets their next
/// tasks with only the new events); a run it does not remember is replayed from its first event.
/// </summary>
sealed partial class WorkflowWorker
{
    const int HistoryPageSize = 1000;
    static readonly TimeSpan DeadlockTimeout = TimeSpan.FromSeconds(2);

    readonly Func<WorkflowService> _service;
    readonly WorkflowWorkerSettings _settings;
    readonly WorkflowRunFactory _factory;
    readonly WorkflowTaskHandler _handler;
    readonly WorkflowRunCache _cache;
    readonly WorkflowReplies _replies;
    readonly WorkerSlots _slots;
    readonly ILogger _logger;
    readonly List<TaskPoller<PollWorkflowTaskQueueResponse>> _pollers = [];
    readonly int? _normalShare;
    int _remembers;

    public WorkflowWorker(
        Func<WorkflowService> service, WorkflowWorkerSettings settings, WorkflowRunFactory factory, LocalActivityRunner localActivities, EagerActivities? eager, ILogger logger)
    {
        _service = service;
        _settings = settings;
        _factory = factory;
        _logger = logger;
        _handler = new WorkflowTaskHandler(settings.DataConverter, localActivities, settings.Time, settings.DebugMode ? null : DeadlockTimeout);
        _cache = new WorkflowRunCache(settings.MaxCachedWorkflows, settings.Metrics);
        _replies = new WorkflowReplies(service, settings, eager, logger);
        _slots = new(
            settings.Slots, new(SlotType.Workflow, settings.TaskQueue, settings.Identity, settings.BuildId, IsSticky: false), settings.Time, logger);
        settings.Metrics.Watch(_slots, "WorkflowWorker");
        if (settings.MaxCachedWorkflows == 0)
        {
            AddPoller(settings.TaskQueue, TaskQueueKind.Normal, settings.Pollers);
            return;
        }
        if (_slots.Size < 2) throw new ArgumentException("MaxConcurrentWorkflowTasks must be at least 2 unless MaxCachedWorkflows is 0");
        var slots = _slots.Size ?? int.MaxValue;
        var (normal, sticky) = Share(settings.Pollers, settings.NonStickyToStickyPollRatio, slots);
        _normalShare = (normal as PollerBehavior.SimpleMaximum)?.Maximum;
        // The sticky queue is empty until a run is remembered; so long all polls go to the normal one.
        var untilThen = _normalShare == null ? normal : new PollerBehavior.SimpleMaximum(Math.Min(((PollerBehavior.SimpleMaximum)settings.Pollers).Maximum, slots - 1));
        AddPoller(settings.TaskQueue, TaskQueueKind.Normal, untilThen);
        AddPoller(settings.StickyQueue, TaskQueueKind.Sticky, sticky);
    }

    /// <inheritdoc cref="TaskPoller{TTask}.Failed"/>
    public Task Failed => Task.WhenAny(_pollers.Select(p => p.Failed)).Unwrap();

    public void Start() => _pollers[0].Start();

    public Task StopPollingAsync()
    {
        _slots.Close();
        return Task.WhenAll(_pollers.Select(p => p.StopPollingAsync()));
    }

    public Task DrainAsync() => _slots.DrainAsync();

    // Both kinds take their slots from the same place; as a poll holds one while it waits, neither may wait with all of them.
    static (PollerBehavior Normal, PollerBehavior Sticky) Share(PollerBehavior pollers, float ratio, int slots)
    {
        if (pollers is not PollerBehavior.SimpleMaximum { Maximum: var all })
        {
            var scaling = (PollerBehavior.Autoscaling)pollers;
            var capped = new PollerBehavior.Autoscaling(scaling.Minimum, Math.Min(scaling.Maximum, slots - 1), Math.Min(scaling.Initial, slots - 1));
            return (capped, capped);
        }
        var normal = Math.Max(1, (int)(all * ratio));
        return (
            new PollerBehavior.SimpleMaximum(Math.Min(normal, slots - 1)),
            new PollerBehavior.SimpleMaximum(Math.Min(Math.Max(1, all - normal), slots - 1)));
    }

    // The first remembered run brings the sticky queue to life, and with it the share of polls that is its own.
    void Keep(WorkflowRun run)
    {
        _cache.Keep(run);
        if (_pollers.Count < 2 || Interlocked.Exchange(ref _remembers, 1) != 0) return;
        if (_normalShare is { } share) _pollers[0].Limit(share);
        _pollers[1].Start();
    }

    void AddPoller(string queue, TaskQueueKind kind, PollerBehavior pollers)
    {
        var sticky = kind == TaskQueueKind.Sticky;
        var count = _settings.Metrics.Pollers(sticky ? "sticky_workflow_task" : "workflow_task");
        var request = new PollWorkflowTaskQueueRequest
        {
            Namespace = _settings.Namespace,
            TaskQueue = new() { Name = queue, Kind = kind, NormalName = kind == TaskQueueKind.Sticky ? _settings.TaskQueue : "" },
            Identity = _settings.Identity,
            WorkerVersionCapabilities = _settings.VersionCapabilities,
            DeploymentOptions = _settings.DeploymentOptions,
            WorkerInstanceKey = _settings.WorkerInstanceKey,
        };
        _pollers.Add(new(
            new($"workflow task queue {queue}", pollers) { Time = _settings.Time, Sticky = sticky, PollersChanged = n => count.Set(n) },
            _slots,
            async cancellationToken =>
            {
                var task = await _service().PollWorkflowTaskQueueAsync(request, new() { CancellationToken = cancellationToken }).ConfigureAwait(false);
                var found = !task.TaskToken.IsEmpty;
                (found ? _settings.Metrics.PollSucceeded : _settings.Metrics.PollEmpty).Add(1);
                return new(found ? task : null, task.PollerScalingDecision?.PollRequestDeltaSuggestion);
            },
            (task, slot, _) =>
            {
                slot.MarkUsed(new SlotInfo.WorkflowSlotInfo(task.WorkflowType?.Name ?? "", sticky));
                return HandleAsync(task);
            },
            _logger));
    }

    async Task HandleAsync(PollWorkflowTaskQueueResponse task)
    {
        var known = _cache.Find(task.WorkflowExecution.RunId);
        if (_settings.MaxCachedWorkflows > 0) (known == null ? _settings.Metrics.CacheMiss : _settings.Metrics.CacheHit).Add(1);
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
        catch (CodecException e)
        {
            _cache.Evict(run);
            await _replies.FailAsync(task, await _handler.FailedAsync(e.InnerException!).ConfigureAwait(false)).ConfigureAwait(false);
            return (null, run);
        }
        var measured = _settings.Metrics.Enabled ? _settings.Metrics.Workflow(task.WorkflowType.Name) : null;
        measured?.TaskScheduleToStart.Record(WorkerMetrics.Between(task.ScheduledTime, task.StartedTime));
        var began = _settings.Time.GetTimestamp();
        if (await _handler.AdvanceAsync(run).ConfigureAwait(false) is { } failed)
        {
            _cache.Evict(run);
            measured?.TaskFailed(failed.Cause == WorkflowTaskFailedCause.NonDeterministicError);
            if (failed is { FailsWorkflow: true } && task.Query == null) await _replies.FailWorkflowAsync(task, failed).ConfigureAwait(false);
            else await _replies.FailAsync(task, failed).ConfigureAwait(false);
            return (null, run);
        }
        measured?.TaskReplay.Record(_settings.Time.GetElapsedTime(began));
        if (task.Query != null)
        {
            Keep(run);
            await _replies.AnswerAsync(task, Answer(run, "", task.Query)).ConfigureAwait(false);
            return (null, run);
        }
        switch (await _handler.DecideAsync(run, taken, CancellationToken.None).ConfigureAwait(false))
        {
            case WorkflowTaskReply.Failed failure:
                _cache.Evict(run);
                measured?.TaskFailed(failure.Cause == WorkflowTaskFailedCause.NonDeterministicError);
                await _replies.FailAsync(task, failure).ConfigureAwait(false);
                return (null, run);
            case WorkflowTaskReply.Decided decided:
                measured?.TaskExecution.Record(_settings.Time.GetElapsedTime(began));
                if (run.Ended && measured != null) MeasureEnd(run, decided, measured);
                if (run.Ended) _cache.Evict(run);
                else Keep(run);
                var answers = task.Queries.ToDictionary(q => q.Key, q => Answer(run, q.Key, q.Value));
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

    void MeasureEnd(WorkflowRun run, WorkflowTaskReply.Decided decided, WorkflowMetrics metrics)
    {
        metrics.EndToEnd.Record(WorkerMetrics.NotNegative(_settings.Time.GetUtcNow().UtcDateTime - run.Instance.Info.WorkflowStartTime));
        var counter = decided.Commands[^1].CommandType switch
        {
            CommandType.CompleteWorkflowExecution => metrics.Completed,
            CommandType.CancelWorkflowExecution => metrics.Canceled,
            CommandType.ContinueAsNewWorkflowExecution => metrics.ContinuedAsNew,
            _ => metrics.Failed,
        };
        counter.Add(1);
    }

    WorkflowRun Restart(WorkflowRun run)
    {
        _cache.Evict(run);
        return _factory.Create(run.WorkflowId, run.RunId);
    }

    async Task<Google.Protobuf.ByteString> FetchAsync(PollWorkflowTaskQueueResponse task, Google.Protobuf.ByteString token, List<HistoryEvent> events)
    {
        var page = await _service().GetWorkflowExecutionHistoryAsync(
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
            requests.Add(await DecodedAsync(() => UpdateRequest.ReadAsync(message, _settings.DataConverter.PayloadCodec)).ConfigureAwait(false));
        return requests;
    }

    async Task DecodeAsync(List<HistoryEvent> events)
    {
        if (_settings.DataConverter.PayloadCodec is not { } codec) return;
        await DecodedAsync(async () =>
        {
            foreach (var e in events) await PayloadVisitor.VisitAsync(e, codec.DecodeAsync).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
    }

    // A codec is user code: what it throws fails the task, which the server gives out again.
    static async Task<T> DecodedAsync<T>(Func<Task<T>> decode)
    {
        try
        {
            return await decode().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new CodecException(e);
        }
    }

    sealed class CodecException(Exception inner) : Exception(inner.Message, inner);

    Func<Task<WorkflowQueryResult>> Answer(WorkflowRun run, string id, WorkflowQuery query) => async () =>
    {
        try
        {
            if (_settings.DataConverter.PayloadCodec is { } codec) await PayloadVisitor.VisitAsync(query, codec.DecodeAsync).ConfigureAwait(false);
            var answer = run.Instance.Query(id, query);
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

    public required SlotSupplier Slots { get; init; }

    public required PollerBehavior Pollers { get; init; }

    public required float NonStickyToStickyPollRatio { get; init; }

    public required TimeSpan StickyScheduleToStartTimeout { get; init; }

    /// <summary>The worker's deployment version, when it has one, and the behaviour of workflows that name none.</summary>
    public Api.Deployment.V1.WorkerDeploymentOptions? DeploymentOptions { get; init; }

    public VersioningBehavior DefaultVersioningBehavior { get; init; }

    /// <summary>The worker's build, when it has no deployment version.</summary>
    public Api.Common.V1.WorkerVersionCapabilities? VersionCapabilities { get; init; }

    /// <summary>Names this worker among those of its process.</summary>
    public required string WorkerInstanceKey { get; init; }

    public WorkerMetrics Metrics { get; init; } = WorkerMetrics.None;

    public bool DebugMode { get; init; }

    public NamespaceLimits Limits { get; init; } = NamespaceLimits.None;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
