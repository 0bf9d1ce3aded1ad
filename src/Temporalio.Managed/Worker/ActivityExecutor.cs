using Microsoft.Extensions.Logging;
using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker.Interceptors;

namespace Temporalio.Worker;

/// <summary>
/// One attempt of an activity, normal or local. Payloads are decoded already, and what comes out is for the caller to
/// encode.
/// </summary>
sealed record ActivityAttempt
{
    public required ActivityInfo Info { get; init; }

    public required IReadOnlyCollection<Payload> Input { get; init; }

    public IReadOnlyDictionary<string, Payload>? Headers { get; init; }

    /// <summary>Converters for this activity's context.</summary>
    public required DataConverter DataConverter { get; init; }

    public required ActivityCancellation Cancellation { get; init; }

    public CancellationToken WorkerShutdown { get; init; }

    /// <summary>Records a heartbeat; does nothing for a local activity.</summary>
    public Action<object?[]> Heartbeat { get; init; } = static _ => { };
}

/// <summary>Runs attempts: finds the activity, converts arguments, calls it through the interceptors, and judges how it ended.</summary>
sealed class ActivityExecutor(ActivityRegistry registry, ActivityExecutorOptions options)
{
    public ActivityRegistry Registry => registry;

    /// <summary>Does not throw: whatever happens is an outcome.</summary>
    public Task<ActivityOutcome> ExecuteAsync(ActivityAttempt attempt) =>
        options.TaskFactory.StartNew(
            () => RunAsync(attempt),
            CancellationToken.None,
            TaskCreationOptions.DenyChildAttach,
            options.TaskFactory.Scheduler ?? TaskScheduler.Default).Unwrap();

    async Task<ActivityOutcome> RunAsync(ActivityAttempt attempt)
    {
        var info = attempt.Info;
        var logger = options.LoggerFactory.CreateLogger($"Temporalio.Activity:{info.ActivityType}");
        using var scope = logger.BeginScope(info.LoggerScope());
        ActivityExecutionContext.AsyncLocalCurrent.Value = new(
            info, logger, attempt.DataConverter.PayloadConverter, options.MetricMeter, options.Client(), attempt.WorkerShutdown, attempt.Cancellation.Token)
        {
            CancelRef = attempt.Cancellation.Ref,
        };
        try
        {
            return await CallAsync(attempt).ConfigureAwait(false);
        }
        // The edge between user code and worker: every exception is an outcome.
        catch (Exception e)
        {
            return Judge(e, attempt, logger);
        }
        finally
        {
            attempt.Cancellation.MarkDone();
        }
    }

    async Task<ActivityOutcome> CallAsync(ActivityAttempt attempt)
    {
        var activity = registry.Find(attempt.Info.ActivityType);
        var arguments = Arguments(activity, attempt);
        ActivityInboundInterceptor inbound = new InnermostInbound();
        for (var i = options.Interceptors.Count - 1; i >= 0; i--) inbound = options.Interceptors[i].InterceptActivity(inbound);
        inbound.Init(new InnermostOutbound(attempt.Heartbeat));
        var result = await inbound.ExecuteActivityAsync(new(activity, arguments, attempt.Headers)).ConfigureAwait(false);
        return new ActivityOutcome.Completed(attempt.DataConverter.PayloadConverter.ToPayload(result is ValueTuple ? null : result));
    }

    /// <summary>Arguments beyond the parameters are left out: a caller may already know of a parameter that this worker does not.</summary>
    static object?[] Arguments(ActivityDefinition activity, ActivityAttempt attempt)
    {
        var converter = attempt.DataConverter.PayloadConverter;
        if (activity.Dynamic) return [attempt.Input.Select(p => (IRawValue)new RawValue(p)).ToArray()];
        if (attempt.Input.Count < activity.RequiredParameterCount)
            throw DecodingFailed(new ApplicationFailureException(
                $"Activity {attempt.Info.ActivityType} given {attempt.Input.Count} parameter(s), but more than that are required by the signature"));
        try
        {
            return attempt.Input.Zip(activity.ParameterTypes, converter.ToValue).ToArray();
        }
        // Converters and the types they fill are user code.
        catch (Exception e)
        {
            throw DecodingFailed(e);
        }
    }

    internal static ApplicationFailureException DecodingFailed(Exception inner) => new("Failed decoding parameters", inner);

    /// <summary>A cancelled attempt is cancelled only if it was asked to be; its own cancellations are failures.</summary>
    static ActivityOutcome Judge(Exception exception, ActivityAttempt attempt, ILogger logger)
    {
        var cancellation = attempt.Cancellation;
        var type = attempt.Info.ActivityType;
        switch (exception)
        {
            case CompleteAsyncException:
                return new ActivityOutcome.WillCompleteAsync();
            case OperationCanceledException when cancellation.WasRequested && cancellation.Ref.CancellationDetails is { IsPaused: true }:
                return Failed(new ApplicationFailureException("Activity paused", exception, "ActivityPause"));
            case OperationCanceledException when cancellation.WasRequested && cancellation.Ref.CancellationDetails is { IsReset: true }:
                return Failed(new ApplicationFailureException("Activity reset", exception, "ActivityReset"));
            case OperationCanceledException when cancellation.WasRequested:
                ActivityLog.Canceled(logger, type, cancellation.Reason);
                return new ActivityOutcome.Canceled(ToFailure(new CanceledFailureException("Cancelled")));
            case OperationCanceledException when cancellation.HeartbeatFailure != null:
                ActivityLog.HeartbeatFailed(logger, cancellation.HeartbeatFailure, type);
                return Failed(cancellation.HeartbeatFailure);
            case ApplicationFailureException { Category: ApplicationErrorCategory.Benign }:
                ActivityLog.FailedBenign(logger, exception, type);
                return Failed(exception);
            default:
                ActivityLog.Failed(logger, exception, type, attempt.Info.Attempt);
                return Failed(exception);
        }

        ActivityOutcome.Failed Failed(Exception error) => new(ToFailure(error));

        Api.Failure.V1.Failure ToFailure(Exception error)
        {
            try
            {
                return attempt.DataConverter.FailureConverter.ToFailure(error, attempt.DataConverter.PayloadConverter);
            }
            // A failure that cannot be written must still be told: details may be of any type.
            catch (Exception e)
            {
                return new()
                {
                    Message = $"Failed building completion: {e}",
                    ApplicationFailureInfo = new() { Type = e.GetType().Name },
                };
            }
        }
    }

    sealed class InnermostInbound : ActivityInboundInterceptor
    {
        public override void Init(ActivityOutboundInterceptor outbound) =>
            ActivityExecutionContext.Current.Heartbeater = details => outbound.Heartbeat(new(details));

        public override Task<object?> ExecuteActivityAsync(ExecuteActivityInput input) => input.Activity.InvokeAsync(input.Args);
    }

    sealed class InnermostOutbound(Action<object?[]> heartbeat) : ActivityOutboundInterceptor
    {
        public override void Heartbeat(HeartbeatInput input) => heartbeat(input.Details);
    }
}

/// <summary>What attempts of one worker have in common.</summary>
sealed record ActivityExecutorOptions
{
    public required ILoggerFactory LoggerFactory { get; init; }

    public IReadOnlyList<IWorkerInterceptor> Interceptors { get; init; } = [];

    /// <summary>For activities that want one; null when the worker was not made from one.</summary>
    public Func<ITemporalClient?> Client { get; init; } = static () => null;

    public Lazy<MetricMeter> MetricMeter { get; init; } = new(() => MetricMeterNoop.Instance);

    /// <summary>Starts activities; without a scheduler of its own it uses the thread pool.</summary>
    public TaskFactory TaskFactory { get; init; } = Task.Factory;
}
