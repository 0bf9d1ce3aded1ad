using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Grpc;

namespace Temporalio.Worker;

/// <summary>
/// One attempt that the server handed out: decode, run with heartbeats and local timeouts, encode, respond.
/// An attempt that the server is known not to wait for is not answered.
/// </summary>
sealed class RemoteAttempt
{
    readonly PollActivityTaskQueueResponse _task;
    readonly ActivityWorkerSettings _settings;
    readonly IActivityTaskService _service;
    readonly ActivityExecutor _executor;
    readonly ILogger _logger;
    readonly DataConverter _converter;
    readonly ActivityInfo _info;
    readonly ActivityHeartbeater _heartbeater;
    readonly LocalTimeouts _timeouts;

    public RemoteAttempt(PollActivityTaskQueueResponse task, ActivityWorkerSettings settings, IActivityTaskService service, ActivityExecutor executor, ILogger logger)
    {
        _task = task;
        _settings = settings;
        _service = service;
        _executor = executor;
        _logger = logger;
        _converter = ActivityTaskInfo.ConverterFor(task, settings);
        _info = ActivityTaskInfo.Of(task, settings, _converter);
        _timeouts = new(_info, settings.LocalTimeoutBuffer, settings.Time, () => Cancellation.Request(ActivityCancelReason.Timeout));
        _heartbeater = new(
            ActivityHeartbeater.ThrottleInterval(_info.HeartbeatTimeout, settings.DefaultHeartbeatThrottleInterval, settings.MaxHeartbeatThrottleInterval),
            SendHeartbeatAsync,
            settings.Time);
    }

    public ActivityCancellation Cancellation { get; } = new();

    public async Task RunAsync(CancellationToken workerShutdown)
    {
        ActivityOutcome outcome;
        var began = _settings.Time.GetTimestamp();
        using (_timeouts)
        {
            outcome = await ExecuteAsync(workerShutdown).ConfigureAwait(false);
            outcome = WithinLimits(await EncodeAsync(outcome).ConfigureAwait(false));
        }
        if (_settings.Metrics.Enabled) Measure(outcome, _settings.Time.GetElapsedTime(began));
        var serverWaits = Cancellation.Reason is not (ActivityCancelReason.GoneFromServer or ActivityCancelReason.Timeout);
        await _heartbeater.FinishAsync(flush: serverWaits && outcome is ActivityOutcome.Failed or ActivityOutcome.Canceled).ConfigureAwait(false);
        if (!serverWaits) return;
        try
        {
            try
            {
                await RespondAsync(outcome).ConfigureAwait(false);
            }
            catch (RpcException e) when (RetryDecision.IsTooLarge(e))
            {
                await FailAsync(NamespaceLimits.MessageTooLarge).ConfigureAwait(false);
            }
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            ActivityLog.ResultTooLate(_logger, _info.ActivityType, _info.ActivityId);
        }
        catch (Exception e) when (e is RpcException or RpcTimeoutOrCanceledException or OperationCanceledException)
        {
            ActivityLog.ResultNotSent(_logger, e, _info.ActivityType, _info.ActivityId);
        }
    }

    void Measure(ActivityOutcome outcome, TimeSpan took)
    {
        var metrics = _settings.Metrics.Activity(_info.ActivityType);
        metrics.Execution.Record(took);
        if (outcome is ActivityOutcome.Failed { Failure.ApplicationFailureInfo: not { Category: Api.Enums.V1.ApplicationErrorCategory.Benign } }) metrics.Failed.Add(1);
        if (outcome is ActivityOutcome.Completed) metrics.Succeeded.Record(WorkerMetrics.NotNegative(_settings.Time.GetUtcNow().UtcDateTime - _info.ScheduledTime));
    }

    async Task<ActivityOutcome> ExecuteAsync(CancellationToken workerShutdown)
    {
        IReadOnlyCollection<Payload> input;
        IReadOnlyDictionary<string, Payload> headers;
        try
        {
            input = await DecodeAsync(_task.Input?.Payloads_ ?? []).ConfigureAwait(false);
            headers = await DecodeHeadersAsync().ConfigureAwait(false);
        }
        // A codec is user code; what it throws fails the attempt, which is retried.
        catch (Exception e)
        {
            Cancellation.MarkDone();
            var failure = ActivityExecutor.DecodingFailed(e);
            ActivityLog.Failed(_logger, failure, _info.ActivityType, _info.Attempt);
            return new ActivityOutcome.Failed(_converter.FailureConverter.ToFailure(failure, _converter.PayloadConverter));
        }
        return await _executor.ExecuteAsync(new()
        {
            Info = _info,
            Input = input,
            Headers = headers,
            DataConverter = _converter,
            Cancellation = Cancellation,
            WorkerShutdown = workerShutdown,
            Heartbeat = RecordHeartbeat,
        }).ConfigureAwait(false);
    }

    async Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads) =>
        _converter.PayloadCodec == null || payloads.Count == 0 ? payloads : await _converter.PayloadCodec.DecodeAsync(payloads).ConfigureAwait(false);

    async Task<IReadOnlyDictionary<string, Payload>> DecodeHeadersAsync()
    {
        var headers = new Dictionary<string, Payload>();
        if (_task.Header == null) return headers;
        foreach (var (name, payload) in _task.Header.Fields)
            headers[name] = _converter.PayloadCodec == null ? payload : await _converter.PayloadCodec.DecodeSingleAsync(payload).ConfigureAwait(false);
        return headers;
    }

    async Task<ActivityOutcome> EncodeAsync(ActivityOutcome outcome)
    {
        if (_converter.PayloadCodec is not { } codec) return outcome;
        try
        {
            switch (outcome)
            {
                case ActivityOutcome.Completed completed:
                    return new ActivityOutcome.Completed(await codec.EncodeSingleAsync(completed.Result).ConfigureAwait(false));
                case ActivityOutcome.Failed failed:
                    await codec.EncodeFailureAsync(failed.Failure).ConfigureAwait(false);
                    return failed;
                case ActivityOutcome.Canceled canceled:
                    await codec.EncodeFailureAsync(canceled.Failure).ConfigureAwait(false);
                    return canceled;
                default:
                    return outcome;
            }
        }
        // What the codec refuses must not go out in the clear either: only the error's type is told.
        catch (Exception e)
        {
            ActivityLog.Failed(_logger, e, _info.ActivityType, _info.Attempt);
            return new ActivityOutcome.Failed(new()
            {
                Message = "Failed building completion: the payload codec failed",
                ApplicationFailureInfo = new() { Type = e.GetType().Name },
            });
        }
    }

    ActivityOutcome WithinLimits(ActivityOutcome outcome) => outcome switch
    {
        ActivityOutcome.Completed completed when _settings.Limits.Refuse(completed.Result) is { } refusal => new ActivityOutcome.Failed(refusal),
        ActivityOutcome.Canceled canceled when _settings.Limits.Refuse(canceled.Failure) is { } refusal => new ActivityOutcome.Failed(refusal),
        _ => outcome,
    };

    void RecordHeartbeat(object?[] details)
    {
        IReadOnlyCollection<Payload> payloads;
        try
        {
            payloads = _converter.PayloadConverter.ToPayloads(details);
        }
        // The details are of any type, and a heartbeat never throws into the activity.
        catch (Exception e)
        {
            Cancellation.FailHeartbeat(e);
            return;
        }
        _heartbeater.Record(payloads);
    }

    async Task SendHeartbeatAsync(IReadOnlyCollection<Payload> details)
    {
        if (_converter.PayloadCodec != null && details.Count > 0)
        {
            try
            {
                details = await _converter.PayloadCodec.EncodeAsync(details).ConfigureAwait(false);
            }
            // A codec is user code.
            catch (Exception e)
            {
                Cancellation.FailHeartbeat(e);
                return;
            }
        }
        try
        {
            var answer = await _service.HeartbeatAsync(new()
            {
                TaskToken = _task.TaskToken,
                Namespace = _settings.Namespace,
                Identity = _settings.Identity,
                Details = details.Count == 0 ? null : new Payloads { Payloads_ = { details } },
            }).ConfigureAwait(false);
            _timeouts.HeartbeatArrived();
            CancelIfAsked(answer);
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            Cancellation.Request(ActivityCancelReason.GoneFromServer);
        }
        catch (Exception e) when (e is RpcException or RpcTimeoutOrCanceledException or OperationCanceledException)
        {
            // The activity goes on: a later heartbeat may arrive, and if none does the timeouts tell.
            ActivityLog.HeartbeatNotSent(_logger, e, _info.ActivityType, _info.ActivityId);
        }
    }

    void CancelIfAsked(RecordActivityTaskHeartbeatResponse answer)
    {
        if (!answer.CancelRequested && !answer.ActivityReset && !answer.ActivityPaused) return;
        var reason = answer.CancelRequested ? ActivityCancelReason.CancelRequested
            : answer.ActivityReset ? ActivityCancelReason.Reset
            : ActivityCancelReason.Paused;
        Cancellation.Request(reason, new()
        {
            IsCancelRequested = answer.CancelRequested,
            IsReset = answer.ActivityReset,
            IsPaused = answer.ActivityPaused,
        });
    }

    Task RespondAsync(ActivityOutcome outcome) => outcome switch
    {
        ActivityOutcome.Completed completed => _service.CompleteAsync(new()
        {
            TaskToken = _task.TaskToken,
            Namespace = _settings.Namespace,
            Identity = _settings.Identity,
            Result = new() { Payloads_ = { completed.Result } },
            DeploymentOptions = _settings.DeploymentOptions,
        }),
        ActivityOutcome.Failed failed => FailAsync(failed.Failure),
        // Nobody asked for this cancellation, so it is a failure, and another worker takes the next attempt at once.
        ActivityOutcome.Canceled when Cancellation.Reason == ActivityCancelReason.WorkerShutdown => FailAsync(new()
        {
            Message = "Worker is shutting down and this activity did not complete in time",
            ApplicationFailureInfo = new() { Type = "WorkerShutdown" },
        }),
        ActivityOutcome.Canceled canceled => _service.CancelAsync(new()
        {
            TaskToken = _task.TaskToken,
            Namespace = _settings.Namespace,
            Identity = _settings.Identity,
            Details = canceled.Failure.CanceledFailureInfo?.Details,
            DeploymentOptions = _settings.DeploymentOptions,
        }),
        _ => Task.CompletedTask,
    };

    Task FailAsync(Failure failure) => _service.FailAsync(new()
    {
        TaskToken = _task.TaskToken,
        Namespace = _settings.Namespace,
        Identity = _settings.Identity,
        Failure = failure,
        DeploymentOptions = _settings.DeploymentOptions,
    });
}
