using Temporalio.Activities;
using Temporalio.Converters;

namespace LogPipeline.Workflows;

/// <summary>What the workflow may ask of a worker once the batch is in its file.</summary>
public interface ILogDeliveryActivity
{
    /// <summary>
    /// Brings a batch to a destination. Called again with the same batch, it changes nothing there and says the same.
    /// </summary>
    /// <param name="delivery">Where to.</param>
    /// <param name="header">What the batch holds.</param>
    /// <param name="records">The records array (<see cref="LogBatchRecords"/>), as bytes.</param>
    [Activity(PipelineDefaults.DeliveryActivityName)]
    Task<DeliveryReceipt> DeliverAsync(LogDelivery delivery, LogBatchHeader header, IRawValue records);
}
