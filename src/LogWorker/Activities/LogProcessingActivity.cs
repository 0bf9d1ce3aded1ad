using LogPipeline.Worker.Files;
using LogPipeline.Workflows;
using Microsoft.Extensions.Logging;
using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Activities;

/// <summary>The activity: hands a batch to the writer, and tells Temporal whether trying again could help.</summary>
sealed class LogProcessingActivity(BatchWriter writer, ILogger<LogProcessingActivity> logger) : ILogProcessingActivity
{
    /// <summary>The failure type of a batch that can never be written.</summary>
    public const string RefusedType = "BatchRefused";

    [Activity(PipelineDefaults.ActivityName)]
    public async Task<WriteReceipt> WriteAsync(LogBatchHeader header, IRawValue records)
    {
        var payload = records.Payload;
        // With a codec that this worker lacks the bytes are no records yet; refusing them would be for good.
        if (payload.Metadata.TryGetValue("encoding", out var encoding) && encoding.ToStringUtf8() is not "json/plain" and var given)
            throw new ApplicationFailureException($"The records are encoded as '{given}'; give this worker the codec, or its key, that the publisher has.", errorType: "EncodingUnknown");
        try
        {
            return await writer.WriteAsync(header, payload.Data.Memory, ActivityExecutionContext.Current.CancellationToken).ConfigureAwait(false);
        }
        catch (PredecessorMissingException e)
        {
            // Benign: part of keeping order, no reason for an alarm.
            throw new ApplicationFailureException(e.Message, errorType: PipelineDefaults.PredecessorMissing, category: ApplicationErrorCategory.Benign);
        }
        catch (BatchRefusedException e)
        {
            WorkerLog.Refused(logger, e.Message);
            throw new ApplicationFailureException(e.Message, e, RefusedType, nonRetryable: true);
        }
    }
}
