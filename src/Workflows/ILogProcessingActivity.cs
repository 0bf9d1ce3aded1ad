using Temporalio.Activities;
using Temporalio.Converters;

namespace LogPipeline.Workflows;

/// <summary>What the workflow may ask of a worker.</summary>
public interface ILogProcessingActivity
{
    /// <summary>
    /// Writes a batch so that it survives a power cut, and says where. Called again with the same batch, it writes
    /// nothing and says the same.
    /// </summary>
    /// <param name="header">What the batch holds.</param>
    /// <param name="records">The records array (<see cref="LogBatchRecords"/>), as bytes: a worker does not need to
    /// understand records to write them.</param>
    [Activity(PipelineDefaults.ActivityName)]
    Task<WriteReceipt> WriteAsync(LogBatchHeader header, IRawValue records);
}
