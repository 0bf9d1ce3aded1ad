using System.Runtime.CompilerServices;
using Temporalio.Api.Enums.V1;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Runtime;
using Temporalio.Worker.Replay;

namespace Temporalio.Worker;

/// <summary>How a replay went. <paramref name="ReplayFailure"/> is null when the code did what the history says.</summary>
/// <param name="History">What was replayed.</param>
/// <param name="ReplayFailure">Why the code no longer fits it.</param>
public record WorkflowReplayResult(WorkflowHistory History, Exception? ReplayFailure);

/// <summary>Runs today's workflow code against yesterday's histories.</summary>
public class WorkflowReplayer
{
    static readonly TimeSpan DeadlockTimeout = TimeSpan.FromSeconds(2);

    readonly WorkflowRunFactory _factory;

    /// <exception cref="ArgumentException">No workflow is registered, or two under one name.</exception>
    public WorkflowReplayer(WorkflowReplayerOptions options)
    {
        if (options.Workflows.Count == 0) throw new ArgumentException("Must have at least one workflow");
        Options = (WorkflowReplayerOptions)options.Clone();
        _factory = new(new()
        {
            Namespace = Options.Namespace,
            TaskQueue = Options.TaskQueue,
            Workflows = [.. Options.Workflows],
            DataConverter = Options.DataConverter,
            LoggerFactory = Options.LoggerFactory,
            Interceptors = [.. Options.Interceptors ?? []],
            FailureExceptionTypes = Options.WorkflowFailureExceptionTypes ?? [],
            TaskEvents = Options.TaskEvents(),
            MetricMeter = new(() => (Options.Runtime ?? TemporalRuntime.Default).MetricMeter),
            Watched = !Options.DisableWorkflowTracingEventListener,
            DeploymentVersion = new("", Options.BuildId ?? SdkVersion.DefaultBuildId),
        });
    }

    public WorkflowReplayerOptions Options { get; }

    /// <param name="history">From its first event on.</param>
    /// <param name="throwOnReplayFailure">False: the failure is in the result instead.</param>
    /// <param name="cancellationToken">Looked at between workflow tasks.</param>
    public async Task<WorkflowReplayResult> ReplayWorkflowAsync(
        WorkflowHistory history, bool throwOnReplayFailure = true, CancellationToken cancellationToken = default)
    {
        var failure = await ReplayAsync(history, cancellationToken).ConfigureAwait(false);
        if (failure != null && throwOnReplayFailure) throw failure;
        return new(history, failure);
    }

    /// <inheritdoc cref="ReplayWorkflowAsync" />
    public async Task<IEnumerable<WorkflowReplayResult>> ReplayWorkflowsAsync(
        IEnumerable<WorkflowHistory> histories, bool throwOnReplayFailure = false, CancellationToken cancellationToken = default)
    {
        var results = new List<WorkflowReplayResult>();
        foreach (var history in histories) results.Add(await ReplayWorkflowAsync(history, throwOnReplayFailure, cancellationToken).ConfigureAwait(false));
        return results;
    }

    /// <summary>Replays one history after another, as they come.</summary>
    /// <inheritdoc cref="ReplayWorkflowAsync" />
    public async IAsyncEnumerable<WorkflowReplayResult> ReplayWorkflowsAsync(
        IAsyncEnumerable<WorkflowHistory> histories, bool throwOnReplayFailure = false, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var history in histories.WithCancellation(cancellationToken).ConfigureAwait(false))
            yield return await ReplayWorkflowAsync(history, throwOnReplayFailure, cancellationToken).ConfigureAwait(false);
    }

    async Task<Exception?> ReplayAsync(WorkflowHistory history, CancellationToken cancellationToken)
    {
        // The replay must not change the caller's events, which a codec decodes in place.
        var events = history.Events.Select(e => e.Clone()).ToList();
        var runId = events.FirstOrDefault()?.WorkflowExecutionStartedEventAttributes?.OriginalExecutionRunId ?? "";
        using var run = _factory.Create(history.Id, runId);
        try
        {
            if (Options.DataConverter.PayloadCodec is { } codec)
                foreach (var e in events) await PayloadVisitor.VisitAsync(e, codec.DecodeAsync).ConfigureAwait(false);
            if (!run.TryAddHistory(events)) throw new InvalidWorkflowOperationException("The history does not begin with event 1, or has gaps.");
            while (await Task.Run(run.TryStep, CancellationToken.None).WaitAsync(Options.DebugMode ? Timeout.InfiniteTimeSpan : DeadlockTimeout, CancellationToken.None).ConfigureAwait(false))
                cancellationToken.ThrowIfCancellationRequested();
            if (HasWorkAfterLastTask(events)) run.Finish();
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        // The edge to user code: whatever it throws is the result of the replay.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return e;
        }
    }

    // A history that ends with a task's start has nothing that the code's commands could be compared with.
    static bool HasWorkAfterLastTask(List<Api.History.V1.HistoryEvent> events) => events.Count > 0 && events[^1].EventType != EventType.WorkflowTaskStarted;
}
