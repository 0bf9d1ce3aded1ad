using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Ordering;
using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Activities;

/// <summary>The activity: hands a batch to the writer, and tells Temporal whether trying again could help.</summary>
/// <param name="publishers">Where the publishers' reports go.</param>
sealed class LogProcessingActivity(OrderKeeper writer, ILogger<LogProcessingActivity> logger,
    PublisherBooks? publishers = null) : ILogProcessingActivity
{
    /// <summary>The failure type of a batch that needs a newer worker.</summary>
    public const string VersionUnknown = "VersionUnknown";

    // Only another worker writes these. Each attempt takes the batch's records and a slot, so that many of them would
    // keep others from theirs.
    static readonly Backoff OtherWorkerBackoff = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));

    [Activity(PipelineDefaults.ActivityName)]
    public async Task<WriteReceipt> WriteAsync(LogBatchHeader header, IRawValue records)
    {
        try
        {
            var context = ActivityExecutionContext.Current;
            var receipt = await WriteAsync(context, header, records.Payload).ConfigureAwait(false);
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
        catch (NewerBatchException e)
        {
            throw ForAnotherWorker(e.Message, VersionUnknown);
        }
        catch (ApplicationFailureException e) when (e.ErrorType == BatchInput.EncodingUnknown)
        {
            throw ForAnotherWorker(e.Message, BatchInput.EncodingUnknown);
        }
    }

    // A local activity gives way at once to the normal one, which waits in Temporal and in sight.
    static ApplicationFailureException ForAnotherWorker(string message, string type)
    {
        var info = ActivityExecutionContext.Current.Info;
        return new ApplicationFailureException(message, errorType: type, nonRetryable: info.IsLocal,
            nextRetryDelay: info.IsLocal ? null : OtherWorkerBackoff.After(info.Attempt - 1));
    }

    async Task<WriteReceipt> WriteAsync(ActivityExecutionContext context, LogBatchHeader? header, Payload records)
    {
        var workflow = context.Info.WorkflowId ?? "";
        ReadOnlyMemory<byte> array;
        try
        {
            if (ReportAdmission.Admit(header?.Publisher) is { } report) publishers?.Reported(report);
            // Of another attempt, and of no use to whoever keeps the header.
            header = header is null ? null : header with { Publisher = null };
            if (header is { IsReport: true }) return writer.Nothing(workflow);
            array = await BatchInput.GetRecordsAsync(records, context.CancellationToken).ConfigureAwait(false);
        }
        catch (BatchRefusedException e)
        {
            return await writer.RefuseAsync(workflow, header, records, e.Message, context.CancellationToken)
                .ConfigureAwait(false);
        }
        return await writer.WriteAsync(context.TemporalClient, workflow, header, array, context.CancellationToken)
            .ConfigureAwait(false);
    }
}
