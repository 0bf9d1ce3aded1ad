using LogPipeline.Publisher.Queue;

namespace LogPipeline.Publisher.Publishing;

/// <summary>The edge to Temporal: starts one batch's workflow.</summary>
interface IBatchStarter
{
    /// <summary>Answers within the deadline it was made with. Expected failures are outcomes, not exceptions.</summary>
    Task<PublishOutcome> StartAsync(FrozenBatch batch, CancellationToken cancellationToken);
}
