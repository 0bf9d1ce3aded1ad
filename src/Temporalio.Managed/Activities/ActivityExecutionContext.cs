using Microsoft.Extensions.Logging;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Converters;

namespace Temporalio.Activities;

/// <summary>What an activity's code may ask of its worker. Flows with the activity's asynchronous calls.</summary>
public class ActivityExecutionContext
{
    readonly Lazy<MetricMeter> _metricMeter;
    readonly ITemporalClient? _temporalClient;

    internal ActivityExecutionContext(
        ActivityInfo info,
        ILogger logger,
        IPayloadConverter payloadConverter,
        Lazy<MetricMeter> runtimeMetricMeter,
        ITemporalClient? temporalClient,
        CancellationToken workerShutdownToken,
        CancellationToken cancellationToken)
    {
        Info = info;
        Logger = logger;
        PayloadConverter = payloadConverter;
        WorkerShutdownToken = workerShutdownToken;
        CancellationToken = cancellationToken;
        _temporalClient = temporalClient;
        _metricMeter = new(() => runtimeMetricMeter.Value.WithTags(new Dictionary<string, object>
        {
            ["namespace"] = info.Namespace,
            ["task_queue"] = info.TaskQueue,
            ["activity_type"] = info.ActivityType,
        }));
    }

    public static bool HasCurrent => AsyncLocalCurrent.Value != null;

    /// <exception cref="InvalidOperationException">This code does not run in an activity.</exception>
    public static ActivityExecutionContext Current => AsyncLocalCurrent.Value ?? throw new InvalidOperationException("No current context");

    public ActivityInfo Info { get; }

    /// <summary>A logger whose scope names the activity and its workflow.</summary>
    public ILogger Logger { get; }

    /// <summary>Why the activity was cancelled; valid once <see cref="CancellationToken"/> is cancelled.</summary>
    public ActivityCancelReason CancelReason => CancelRef.CancelReason;

    /// <summary>All that held when the activity was cancelled; set once, valid once <see cref="CancellationToken"/> is cancelled.</summary>
    public ActivityCancellationDetails? CancellationDetails => CancelRef.CancellationDetails;

    /// <summary>Cancelled when the activity is. Requests from the server arrive only by heartbeats.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Cancelled when the worker begins to stop; <see cref="CancellationToken"/> follows after the graceful shutdown timeout.</summary>
    public CancellationToken WorkerShutdownToken { get; }

    public IPayloadConverter PayloadConverter { get; }

    /// <summary>A meter tagged with namespace, task queue and activity type.</summary>
    public MetricMeter MetricMeter => _metricMeter.Value;

    /// <exception cref="InvalidOperationException">There is none: a test environment without one.</exception>
    public ITemporalClient TemporalClient => _temporalClient ?? throw new InvalidOperationException(
        "No Temporal client available: this is a test environment without one, or the worker was not made from an ITemporalClient.");

    internal static AsyncLocal<ActivityExecutionContext?> AsyncLocalCurrent { get; } = new();

    /// <summary>Set late, by the innermost interceptor, as interceptors before it may already want the context.</summary>
    internal Action<object?[]>? Heartbeater { get; set; }

    internal ActivityCancelRef CancelRef { get; init; } = new();

    /// <summary>
    /// Says that the activity is alive, and what the next attempt should know. Returns at once: what is sent is
    /// throttled, and details that cannot be converted cancel the activity. Cancellation needs heartbeats to arrive.
    /// </summary>
    public void Heartbeat(params object?[] details) => (Heartbeater ?? throw new InvalidOperationException("Heartbeater not set yet"))(details);
}

/// <summary>A reason that is set before the token is cancelled, and read after.</summary>
sealed class ActivityCancelRef
{
    public ActivityCancelReason CancelReason { get; set; }

    public ActivityCancellationDetails? CancellationDetails { get; set; }
}
