using LogPipeline.Publisher.Queue;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Publisher;

/// <summary>Batches a test needs.</summary>
static class SomeFrozen
{
    public static FrozenBatch Batch(long first, string instance = "20261121T080000-1", int count = 3)
    {
        var id = new BatchId("orders", instance, first);
        var records = Some.Records(count, id);
        return new FrozenBatch(Some.Header(id, records), LogBatchRecords.Encode(records));
    }
}
