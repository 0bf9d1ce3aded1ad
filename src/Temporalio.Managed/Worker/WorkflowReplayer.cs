using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Common;
using Temporalio.Exceptions;

namespace Temporalio.Worker;

/// <summary>How a replay went. <paramref name="ReplayFailure"/> is null when the code did what the history says.</summary>
/// <param name="History">What was replayed.</param>
/// <param name="ReplayFailure">Why the code no longer fits it.</param>
public record WorkflowReplayResult(WorkflowHistory History, Exception? ReplayFailure);

/// <summary>Runs today's workflow code against yesterday's histories.</summary>
public class WorkflowReplayer
{
    static readonly TimeSpan DeadlockTimeout = TimeSpan.FromSeconds(2);

    /// <exception cref="ArgumentException">No workflow is registered.</exception>
    public WorkflowReplayer(WorkflowReplayerOptions options)
    {
        if (options.Workflows.Count == 0) throw new ArgumentException("Must have at least one workflow");
        Options = (WorkflowReplayerOptions)options.Clone();
    }

    public WorkflowReplayerOptions Options { get; }

    /// <param name="history">From its first event on.</param>
    /// <param name="throwOnReplayFailure">False: the failure is in the result instead.</param>
    public async Task<WorkflowReplayResult> ReplayWorkflowAsync(WorkflowHistory history, bool throwOnReplayFailure = true)
    {
        var failure = await ReplayAsync(history).ConfigureAwait(false);
        if (failure != null && throwOnReplayFailure) throw failure;
        return new(history, failure);
    }

    public async Task<IEnumerable<WorkflowReplayResult>> ReplayWorkflowsAsync(IEnumerable<WorkflowHistory> histories, bool throwOnReplayFailure = false)
    {
        var results = new List<WorkflowReplayResult>();
        foreach (var history in histories) results.Add(await ReplayWorkflowAsync(history, throwOnReplayFailure).ConfigureAwait(false));
        return results;
    }

    async Task<Exception?> ReplayAsync(WorkflowHistory history)
    {
        // The replay must not change the caller's events, which a codec decodes in place.
        var events = history.Events.Select(e => e.Clone()).ToList();
        var factory = new WorkflowRunFactory(
            Options.Namespace, Options.TaskQueue, [.. Options.Workflows], Options.DataConverter,
            Options.WorkflowFailureExceptionTypes ?? [], _ => true, Options.LoggerFactory);
        var runId = events.FirstOrDefault()?.WorkflowExecutionStartedEventAttributes?.OriginalExecutionRunId ?? "";
        using var run = factory.Create(history.Id, runId);
        try
        {
            if (Options.DataConverter.PayloadCodec is { } codec)
                foreach (var e in events) await PayloadVisitor.VisitAsync(e, codec.DecodeAsync).ConfigureAwait(false);
            if (!run.TryAddHistory(events)) throw new InvalidWorkflowOperationException("The history does not begin with event 1, or has gaps.");
            while (await Task.Run(run.TryStep).WaitAsync(Options.DebugMode ? Timeout.InfiniteTimeSpan : DeadlockTimeout).ConfigureAwait(false))
            {
            }
            if (HasWorkAfterLastTask(events)) run.Finish();
            return null;
        }
        // The edge to user code: whatever it throws is the result of the replay.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return e;
        }
    }

    // A history that ends with a task's start has nothing that the code's commands could be compared with.
    static bool HasWorkAfterLastTask(List<HistoryEvent> events) => events.Count > 0 && events[^1].EventType != EventType.WorkflowTaskStarted;
}
