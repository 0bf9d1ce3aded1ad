using Temporalio.Api.Enums.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker.Replay;

namespace Temporalio.Worker;

/// <summary>
/// Takes one run through one workflow task: feeds it history, runs its code, and runs its local activities as far as
/// the task's time allows. Talks to no server, so the replayer uses it too.
/// </summary>
sealed class WorkflowTaskHandler(
    DataConverter dataConverter, LocalActivityRunner localActivities, TimeProvider time, TimeSpan? deadlockTimeout)
{
    /// <summary>How much of a workflow task's timeout is spent waiting for local activities before the server is asked for a new task.</summary>
    const double HeartbeatFraction = 0.8;

    /// <summary>Runs the code over the events that the run has not seen.</summary>
    /// <returns>Null when all went well.</returns>
    public async Task<WorkflowTaskReply.Failed?> AdvanceAsync(WorkflowRun run)
    {
        try
        {
            while (await GuardAsync(run, run.TryStep).ConfigureAwait(false))
            {
            }
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var failed = await FailedAsync(e).ConfigureAwait(false);
            return failed with { FailsWorkflow = e is WorkflowNondeterminismException && run.FailsBy(e) };
        }
    }

    /// <summary>Runs what is not in history yet: local activities, and the code that waits for them.</summary>
    /// <param name="run">Advanced to its current task.</param>
    /// <param name="taskStarted">When this worker took the task.</param>
    /// <param name="cancellationToken">Stops the wait, not the local activities.</param>
    public async Task<WorkflowTaskReply> DecideAsync(WorkflowRun run, DateTimeOffset taskStarted, CancellationToken cancellationToken)
    {
        try
        {
            var heartbeatAt = taskStarted + run.Instance.Info.TaskTimeout * HeartbeatFraction;
            while (!run.Ended)
            {
                StartLocalActivities(run);
                StopLocalActivities(run.Machines.TakeToStop());
                if (!run.Machines.PendingLocalActivities().Any()) break;
                var outcome = await NextOutcomeAsync(run, heartbeatAt - time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
                if (outcome is not var (machine, marker)) return Decided(run, heartbeat: true);
                await GuardAsync(run, () => run.Resolve(machine, marker)).ConfigureAwait(false);
            }
            run.Instance.ThrowIfTrespassed();
            StopLocalActivities(run.Machines.TakeToStop());
            StopLocalActivities(run.Machines.PendingLocalActivities());
            return Decided(run, heartbeat: false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return await FailedAsync(e).ConfigureAwait(false);
        }
    }

    public async Task<WorkflowTaskReply.Failed> FailedAsync(Exception e) => new(
        await dataConverter.ToFailureAsync(e).ConfigureAwait(false),
        e is WorkflowNondeterminismException ? WorkflowTaskFailedCause.NonDeterministicError : WorkflowTaskFailedCause.WorkflowWorkerUnhandledFailure);

    static WorkflowTaskReply.Decided Decided(WorkflowRun run, bool heartbeat) =>
        new([.. run.Machines.Commands.ToCommands()], run.Machines.TakeMessages(), heartbeat, run.TakeLocalActivityRetries(), run.Machines.TakeNewFlags())
        {
            VersioningBehavior = (VersioningBehavior)run.Instance.VersioningBehavior,
        };

    void StartLocalActivities(WorkflowRun run)
    {
        foreach (var machine in run.Machines.PendingLocalActivities())
        {
            if (!machine.IsStarted) _ = RunLocalActivityAsync(run, machine, machine.Start());
        }
    }

    static void StopLocalActivities(IEnumerable<LocalActivityMachine> machines)
    {
        foreach (var machine in machines) machine.RequestCancel();
    }

    // Never throws: an activity's failure is its outcome.
    async Task RunLocalActivityAsync(WorkflowRun run, LocalActivityMachine machine, CancellationToken cancellationToken)
    {
        var marker = await localActivities.RunAsync(run, machine.Request, cancellationToken).ConfigureAwait(false);
        run.LocalActivityOutcomes.Writer.TryWrite((machine, marker));
    }

    async Task<(LocalActivityMachine, LocalActivityMarker)?> NextOutcomeAsync(WorkflowRun run, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (run.LocalActivityOutcomes.Reader.TryRead(out var ready)) return ready;
        if (wait <= TimeSpan.Zero) return null;
        using var timeout = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await run.LocalActivityOutcomes.Reader.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    Task GuardAsync(WorkflowRun run, Action action) => GuardAsync(run, () =>
    {
        action();
        return true;
    });

    // Workflow code runs on a thread of its own choosing, and is given up when it does not come back.
    async Task<T> GuardAsync<T>(WorkflowRun run, Func<T> function)
    {
        var work = Task.Run(function);
        if (deadlockTimeout is not { } limit || work.IsCompleted) return await work.ConfigureAwait(false);
        try
        {
            return await work.WaitAsync(limit, time).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!work.IsCompleted)
        {
            throw new InvalidWorkflowOperationException(
                $"[TMPRL1101] Potential deadlock detected: workflow code of run {run.RunId} did not yield within {limit.TotalSeconds:0.#} second(s).");
        }
    }
}
