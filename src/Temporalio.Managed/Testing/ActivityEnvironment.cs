using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Activities;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Converters;

namespace Temporalio.Testing;

/// <summary>Runs activity code in an activity's context, without worker or server.</summary>
public record ActivityEnvironment
{
    static readonly DateTime SomeTime = new(1970, 1, 1, 1, 1, 1, DateTimeKind.Utc);

    /// <summary>What <see cref="Info"/> is unless set; use <c>with</c> for another.</summary>
    public static readonly ActivityInfo DefaultInfo = new(
        ActivityId: "test",
        ActivityType: "unknown",
        Attempt: 1,
        CurrentAttemptScheduledTime: SomeTime,
        DataConverter: DataConverter.Default,
        HeartbeatDetails: [],
        HeartbeatTimeout: null,
        IsLocal: false,
        Namespace: "default",
        Priority: new(),
        RetryPolicy: new(),
        ScheduleToCloseTimeout: TimeSpan.FromSeconds(1),
        ScheduledTime: SomeTime,
        StartToCloseTimeout: TimeSpan.FromSeconds(1),
        StartedTime: SomeTime,
        TaskQueue: "test",
        TaskToken: Encoding.ASCII.GetBytes("test"),
        WorkflowId: "test",
        WorkflowNamespace: "default",
        WorkflowRunId: "test-run",
        WorkflowType: "test");

    public ActivityInfo Info { get; init; } = DefaultInfo;

    public ILogger Logger { get; init; } = NullLogger.Instance;

    public IPayloadConverter PayloadConverter { get; init; } = DataConverter.Default.PayloadConverter;

    /// <summary>Null: metrics go nowhere.</summary>
    public MetricMeter? MetricMeter { get; init; }

    /// <summary>Null: asking for it throws.</summary>
    public ITemporalClient? TemporalClient { get; init; }

    public ActivityCancelReason CancelReason
    {
        get => CancelRef.CancelReason;
        set => CancelRef.CancelReason = value;
    }

    public ActivityCancellationDetails? CancellationDetails
    {
        get => CancelRef.CancellationDetails;
        set => CancelRef.CancellationDetails = value;
    }

    public CancellationTokenSource CancellationTokenSource { get; init; } = new();

    public CancellationTokenSource WorkerShutdownTokenSource { get; init; } = new();

    /// <summary>Receives heartbeats; default: ignores them.</summary>
    public Action<object?[]> Heartbeater { get; init; } = static _ => { };

    internal ActivityCancelRef CancelRef { get; } = new();

    public Task RunAsync(Action activity) => RunAsync(() =>
    {
        activity();
        return Task.CompletedTask;
    });

    public Task<T> RunAsync<T>(Func<T> activity) => RunAsync(() => Task.FromResult(activity()));

    public Task RunAsync(Func<Task> activity) => RunAsync<object?>(async () =>
    {
        await activity().ConfigureAwait(false);
        return null;
    });

    public async Task<T> RunAsync<T>(Func<Task<T>> activity)
    {
        // An async method's changes to an async local end with it, so nothing has to be set back.
        ActivityExecutionContext.AsyncLocalCurrent.Value = new(
            Info, Logger, PayloadConverter, new(() => MetricMeter ?? MetricMeterNoop.Instance), TemporalClient, WorkerShutdownTokenSource.Token, CancellationTokenSource.Token)
        {
            Heartbeater = Heartbeater,
            CancelRef = CancelRef,
        };
        return await activity().ConfigureAwait(false);
    }

    public void Cancel() => Cancel(ActivityCancelReason.CancelRequested);

    public void Cancel(ActivityCancelReason reason) => Cancel(reason, new() { IsCancelRequested = true });

    /// <summary>The first call counts.</summary>
    public void Cancel(ActivityCancelReason reason, ActivityCancellationDetails details)
    {
        if (CancellationTokenSource.IsCancellationRequested) return;
        CancelReason = reason;
        CancellationDetails = details;
        CancellationTokenSource.Cancel();
    }
}
