using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace LogPipeline.Workflows;

/// <summary>
/// What follows once a batch is in its file: each destination gets it by an activity of its own, on a task queue of its
/// own, tried again on its own until it is taken or its time is over. Which destinations there are stands in the file's
/// receipt, which history holds; so a workflow without any runs as it always did, and pays nothing.
/// </summary>
static class DeliverySteps
{
    public static async Task<WriteReceipt> FinishAsync(WriteReceipt receipt, LogBatchHeader header, IRawValue records)
    {
        if (receipt.DeliverTo is not { Count: > 0 } targets || !Workflow.Patched(PipelineDefaults.DeliveryPatch))
            return receipt;
        var folders = FoldersOf(receipt);
        var deliveries =
            await Workflow.WhenAllAsync(targets.Select(target => DeliverAsync(target, folders, header, records)));
        return receipt with { DeliverTo = null, Deliveries = deliveries };
    }

    static async Task<DeliveryReceipt> DeliverAsync(DeliveryTarget target, IReadOnlyList<string> folders,
        LogBatchHeader header, IRawValue records)
    {
        try
        {
            return await Workflow.ExecuteActivityAsync(
                (ILogDeliveryActivity activity) =>
                    activity.DeliverAsync(new LogDelivery { Destination = target.Destination, Folders = folders },
                        header, records),
                new()
                {
                    TaskQueue = PipelineDefaults.DeliveryQueue(Workflow.Info.TaskQueue, target.Destination),
                    StartToCloseTimeout = TimeSpan.FromMinutes(2),
                    ScheduleToCloseTimeout = TimeSpan.FromSeconds(target.GiveUpAfterSeconds),
                    RetryPolicy = new()
                    {
                        InitialInterval = TimeSpan.FromSeconds(1),
                        BackoffCoefficient = 2,
                        MaximumInterval = TimeSpan.FromMinutes(1),
                    },
                    Summary = $"{target.Destination}: {header.Summary()}",
                });
        }
        catch (ActivityFailureException e) when (!TemporalException.IsCanceledException(e))
        {
            // The batch is in its file: its workflow ends well, and says what is not where it should be.
            return new DeliveryReceipt { Destination = target.Destination,
                Failure = (e.InnerException?.InnerException ?? e.InnerException ?? e).Message };
        }
    }

    // A file is <channel's folder>/<name>, or that below a worker's own directory.
    static string[] FoldersOf(WriteReceipt receipt) => [.. receipt.Files.Select(FolderOf).OfType<string>().Distinct()];

    static string? FolderOf(WrittenRange range) =>
        range is { File: var name } && name.Split('/') is { Length: > 1 } path ? path[^2] : null;
}
