using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace LogPipeline.Workflows;

/// <summary>
/// Has one batch written. First in the worker that holds the workflow task, which is fast and needs no second copy of
/// the records in history; if that fails, as a task of its own that the server keeps and retries until a worker can
/// write it. So a batch that cannot be written now is seen in Temporal's UI as a pending activity with its last
/// failure, and is never given up.
/// </summary>
[Workflow(PipelineDefaults.WorkflowName)]
public sealed class LogProcessingWorkflow
{
    /// <summary>Long enough for a busy disk, short enough that a stuck one shows as a pending activity soon.</summary>
    static readonly TimeSpan LocalTime = TimeSpan.FromSeconds(20);

    static readonly TimeSpan OrderRetryDelay = TimeSpan.FromSeconds(2);
    static readonly Backoff InLineBackoff = new(OrderRetryDelay, TimeSpan.FromSeconds(30));

    // The arguments are whatever the one who started the workflow made them: also null. Only the activity looks at them.
    [WorkflowRun]
    public async Task<WriteReceipt> RunAsync(LogBatchHeader header, IRawValue records) =>
        await DeliverySteps.FinishAsync(await WriteInOrderAsync(header, records), header, records);

    static async Task<WriteReceipt> WriteInOrderAsync(LogBatchHeader? header, IRawValue records)
    {
        var waitingSince = Workflow.UtcNow;
        var inLine = 0;
        while (true)
        {
            try
            {
                return await WriteAsync(header, records);
            }
            catch (FailureException e) when (IsPredecessorMissing(e))
            {
                // A worker that held the batch meanwhile would keep out the very one that is missing.
                if (e is ActivityFailureException) waitingSince = Workflow.UtcNow;
                if (IsInLine(e))
                {
                    // Urgent, and before all others when it is due: it must not keep them from those that it waits for.
                    waitingSince = Workflow.UtcNow;
                    await Workflow.DelayAsync(InLineBackoff.After(inLine++));
                }
                else if (Workflow.UtcNow - waitingSince < PipelineDefaults.OrderPatience)
                    await Workflow.DelayAsync(OrderRetryDelay);
                else header = header! with { Previous = null };
            }
        }
    }

    static async Task<WriteReceipt> WriteAsync(LogBatchHeader? header, IRawValue records)
    {
        try
        {
            return await Workflow.ExecuteLocalActivityAsync(
                (ILogProcessingActivity activity) => activity.WriteAsync(header!, records),
                new()
                {
                    ScheduleToCloseTimeout = LocalTime,
                    StartToCloseTimeout = LocalTime,
                    RetryPolicy = new()
                    {
                        MaximumAttempts = 2,
                        InitialInterval = TimeSpan.FromMilliseconds(100),
                        NonRetryableErrorTypes = [PipelineDefaults.PredecessorMissing],
                    },
                    Summary = header?.Summary(),
                });
        }
        catch (FailureException e) when (!TemporalException.IsCanceledException(e) && !IsPredecessorMissing(e))
        {
            return await Workflow.ExecuteActivityAsync(
                (ILogProcessingActivity activity) => activity.WriteAsync(header!, records),
                new()
                {
                    StartToCloseTimeout = TimeSpan.FromMinutes(1),
                    RetryPolicy = new()
                    {
                        InitialInterval = TimeSpan.FromSeconds(1),
                        BackoffCoefficient = 2,
                        // A full disk is freed within minutes as a rule; the worker should notice soon after.
                        MaximumInterval = TimeSpan.FromSeconds(5),
                        NonRetryableErrorTypes = [PipelineDefaults.PredecessorMissing],
                    },
                    Summary = header?.Summary(),
                });
        }
    }

    // A local activity's failure comes as it is, a normal one's inside of an activity failure.
    static bool IsPredecessorMissing(FailureException e) =>
        Application(e)?.ErrorType == PipelineDefaults.PredecessorMissing;

    static bool IsInLine(FailureException e) =>
        Application(e) is { Details.Count: > 0 } failure
            && failure.Details.ElementAt<string>(0) == PipelineDefaults.PredecessorInLine;

    static ApplicationFailureException? Application(FailureException e) =>
        e as ApplicationFailureException ?? e.InnerException as ApplicationFailureException;
}
