using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Converters;
using Temporalio.Worker.Replay;
using Temporalio.Worker.Tuning;

namespace Temporalio.Worker;

/// <summary>
/// Runs a local activity to its outcome: attempts, waits between them and timeouts, all inside this worker. A wait that
/// is too long to hold a workflow task for is handed back to the workflow as a backoff.
/// </summary>
sealed class LocalActivityRunner(
    ActivityExecutor executor, DataConverter dataConverter, WorkerSlots slots, WorkerMetrics metrics, TimeProvider time, CancellationToken workerShutdown)
{
    static readonly TimeSpan DefaultLocalRetryThreshold = TimeSpan.FromMinutes(1);

    /// <summary>Does not throw: whatever happens is an outcome.</summary>
    public async Task<LocalActivityMarker> RunAsync(WorkflowRun run, LocalActivityRequest request, CancellationToken cancellationToken)
    {
        if (!metrics.Enabled) return await RunToOutcomeAsync(run, request, cancellationToken).ConfigureAwait(false);
        var began = time.GetTimestamp();
        var measured = metrics.Activity(request.ActivityType);
        measured.LocalTotal.Add(1);
        var marker = await RunToOutcomeAsync(run, request, cancellationToken).ConfigureAwait(false);
        if (marker.Failure == null) measured.LocalSucceeded.Record(time.GetElapsedTime(began));
        else if (marker.Failure.CanceledFailureInfo != null) measured.LocalCanceled.Add(1);
        return marker;
    }

    async Task<LocalActivityMarker> RunToOutcomeAsync(WorkflowRun run, LocalActivityRequest request, CancellationToken cancellationToken)
    {
        var scheduled = time.GetUtcNow();
        // On the workflow's clock the activity ends as long after its start as it really took.
        var workflowStart = run.Machines.Now;
        var original = request.OriginalScheduleTime ?? scheduled.UtcDateTime;
        var closeAt = original + (request.Options.ScheduleToCloseTimeout ?? TimeSpan.FromDays(3650));
        for (var attempt = request.Attempt; ; attempt++)
        {
            var began = time.GetTimestamp();
            var outcome = await AttemptAsync(run, request, attempt, original, closeAt, cancellationToken).ConfigureAwait(false);
            if (metrics.Enabled)
            {
                metrics.Activity(request.ActivityType).LocalExecution.Record(time.GetElapsedTime(began));
                if (outcome is ActivityOutcome.Failed) metrics.Activity(request.ActivityType).LocalFailed.Add(1);
            }
            var marker = new LocalActivityMarker
            {
                Seq = request.Seq,
                Attempt = attempt,
                ActivityId = request.ActivityId,
                ActivityType = request.ActivityType,
                CompleteTime = LocalActivityMarker.Instant.From(DateTime.SpecifyKind(workflowStart, DateTimeKind.Utc) + (time.GetUtcNow() - scheduled)),
                OriginalScheduleTime = LocalActivityMarker.Instant.From(original),
            };
            switch (outcome)
            {
                case ActivityOutcome.Completed completed:
                    return marker with { Result = completed.Result };
                case ActivityOutcome.Canceled canceled:
                    return marker with { Failure = canceled.Failure };
                case ActivityOutcome.WillCompleteAsync:
                    return marker with { Failure = Plain("Local activities cannot be completed asynchronously") };
            }
            var failure = ((ActivityOutcome.Failed)outcome).Failure;
            if (LocalActivityRetry.NextDelay(request.Options.RetryPolicy, attempt, failure) is not { } delay
                || time.GetUtcNow().UtcDateTime + delay >= closeAt)
                return marker with { Failure = failure };
            if (delay > (request.Options.LocalRetryThreshold ?? DefaultLocalRetryThreshold))
                return marker with { Failure = failure, Backoff = LocalActivityMarker.Instant.From(delay) };
            if (!await WaitAsync(delay, cancellationToken).ConfigureAwait(false))
                return marker with { Failure = Cancelled() };
            run.CountLocalActivityRetry();
        }
    }

    async Task<ActivityOutcome> AttemptAsync(
        WorkflowRun run, LocalActivityRequest request, uint attempt, DateTime original, DateTime closeAt, CancellationToken cancellationToken)
    {
        if (await TakeSlotAsync(request, cancellationToken).ConfigureAwait(false) is not { } slot)
            return cancellationToken.IsCancellationRequested
                ? new ActivityOutcome.Canceled(Cancelled())
                : new ActivityOutcome.Failed(TimedOut(TimeoutType.ScheduleToStart));
        try
        {
            var now = time.GetUtcNow().UtcDateTime;
            var untilClose = closeAt - now;
            if (untilClose <= TimeSpan.Zero) return new ActivityOutcome.Failed(TimedOut(TimeoutType.ScheduleToClose));
            var startToClose = request.Options.StartToCloseTimeout ?? untilClose;
            var limit = startToClose < untilClose ? startToClose : untilClose;

            var cancellation = new ActivityCancellation();
            using var asked = cancellationToken.Register(() => cancellation.Request(ActivityCancelReason.CancelRequested));
            var work = executor.ExecuteAsync(new ActivityAttempt
            {
                Info = InfoOf(run.Instance.Info, request, attempt, original, now),
                Input = [.. request.Input],
                Headers = request.Headers,
                DataConverter = dataConverter,
                Cancellation = cancellation,
                WorkerShutdown = workerShutdown,
            });
            try
            {
                return await work.WaitAsync(limit < MaxWait ? limit : MaxWait, time, CancellationToken.None).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // The attempt may still be running; it is told to stop, and what it says later is not heard.
                cancellation.Request(ActivityCancelReason.Timeout);
                return new ActivityOutcome.Failed(TimedOut(limit == startToClose ? TimeoutType.StartToClose : TimeoutType.ScheduleToClose));
            }
        }
        finally
        {
            slot.Release();
        }
    }

    // Timers take no longer wait than 49 days.
    static readonly TimeSpan MaxWait = TimeSpan.FromDays(40);

    async Task<WorkerSlot?> TakeSlotAsync(LocalActivityRequest request, CancellationToken cancellationToken)
    {
        var slot = slots.TryReserve() ?? await WaitForSlotAsync(request, cancellationToken).ConfigureAwait(false);
        slot?.MarkUsed(new SlotInfo.LocalActivitySlotInfo(request.ActivityType));
        return slot;
    }

    async Task<WorkerSlot?> WaitForSlotAsync(LocalActivityRequest request, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if ((request.Options.ScheduleToStartTimeout ?? request.Options.ScheduleToCloseTimeout) is { } limit && limit < MaxWait) waiting.CancelAfter(limit);
        try
        {
            return await slots.ReserveAsync(sticky: false, waiting.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    async Task<bool> WaitAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    ActivityInfo InfoOf(Workflows.WorkflowInfo workflow, LocalActivityRequest request, uint attempt, DateTime original, DateTime now) => new(
        ActivityId: request.ActivityId,
        ActivityType: request.ActivityType,
        Attempt: (int)attempt,
        CurrentAttemptScheduledTime: now,
        DataConverter: dataConverter,
        HeartbeatDetails: Array.Empty<Payload>(),
        HeartbeatTimeout: null,
        IsLocal: true,
        Namespace: workflow.Namespace,
        Priority: Common.Priority.Default,
        RetryPolicy: request.Options.RetryPolicy,
        ScheduleToCloseTimeout: request.Options.ScheduleToCloseTimeout,
        ScheduledTime: original,
        StartToCloseTimeout: request.Options.StartToCloseTimeout,
        StartedTime: now,
        TaskQueue: workflow.TaskQueue,
        TaskToken: [],
        WorkflowId: workflow.WorkflowId,
        WorkflowNamespace: workflow.Namespace,
        WorkflowRunId: workflow.RunId,
        WorkflowType: workflow.WorkflowType);

    static Failure Cancelled() => new() { Message = "Activity cancelled", CanceledFailureInfo = new() };

    static Failure TimedOut(TimeoutType type) => new() { Message = "Activity timed out", TimeoutFailureInfo = new() { TimeoutType = type } };

    static Failure Plain(string message) => new() { Message = message, ApplicationFailureInfo = new() { NonRetryable = true } };
}
