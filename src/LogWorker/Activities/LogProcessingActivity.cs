using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Ordering;
using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Activities;

/// <summary>The activity: hands a batch to the writer, and tells Temporal whether trying again could help.</summary>
sealed class LogProcessingActivity(OrderKeeper writer, ILogger<LogProcessingActivity> logger) : ILogProcessingActivity
{
    [Activity(PipelineDefaults.ActivityName)]
    public async Task<WriteReceipt> WriteAsync(LogBatchHeader header, IRawValue records)
    {
        var data = BatchInput.RecordsOf(records);
        try
        {
            var context = ActivityExecutionContext.Current;
            var receipt = await writer.WriteAsync(context.TemporalClient, context.Info.WorkflowId
                ?? "", header, data, context.CancellationToken).ConfigureAwait(false);
            if (receipt.DeadLetter is not null)
                WorkerLog.DeadLettered(logger, receipt.DeadLettered, receipt.BatchId, receipt.DeadLetter);
            return receipt;
        }
        catch (PredecessorMissingException e)
        {
            // Benign: part of keeping order, no reason for an alarm.
            throw new ApplicationFailureException(e.Message, errorType: PipelineDefaults.PredecessorMissing,
                category: ApplicationErrorCategory.Benign,
                details: e.IsInLine ? [PipelineDefaults.PredecessorInLine] : null);
        }
    }
}
