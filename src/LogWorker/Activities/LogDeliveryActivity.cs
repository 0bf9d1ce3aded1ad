using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Destinations;
using LogPipeline.Worker.Observability;
using Temporalio.Activities;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Activities;

/// <summary>The activity: hands a batch to its destination, and tells Temporal when to try again.</summary>
sealed class LogDeliveryActivity(IEnumerable<ILogDestination<DeliveryReceipt>> destinations, TimeProvider time,
    ILogger<LogDeliveryActivity> logger) : ILogDeliveryActivity
{
    // While a destination is away every batch fails; one message a minute says so for all.
    readonly Throttle _unavailable = new(time);

    [Activity(PipelineDefaults.DeliveryActivityName)]
    public async Task<DeliveryReceipt> DeliverAsync(LogDelivery delivery, LogBatchHeader header, IRawValue records)
    {
        var destination = destinations.FirstOrDefault(one => one.Name == delivery.Destination)
            ?? throw new ApplicationFailureException($"This worker has no destination '{delivery.Destination}'; "
                + $"another may.", errorType: "DestinationUnknown");
        var context = ActivityExecutionContext.Current;
        var data = await BatchInput.GetRecordsAsync(records.Payload, context.CancellationToken).ConfigureAwait(false);
        try
        {
            var batch = new IncomingBatch(context.Info.WorkflowId
                ?? "", header, data, delivery.Folders, IsRepeated: context.Info.Attempt > 1);
            var receipt = await destination.WriteAsync(batch, context.CancellationToken).ConfigureAwait(false);
            if (receipt.Refused is { } refused)
                WorkerLog.DestinationRefused(logger, receipt.Destination, refused.Values.Sum(), header.Id.ToString(),
                    string.Join(", ", refused.Select(one => $"{one.Value} {one.Key}")));
            return receipt;
        }
        catch (DestinationUnavailableException e)
        {
            if (_unavailable.TryPass()) WorkerLog.DestinationUnavailable(logger, header.Id.ToString(), e.Message);
            throw new ApplicationFailureException(e.Message, errorType: "DestinationUnavailable",
                nextRetryDelay: e.RetryAfter);
        }
    }
}
