namespace TemporalDevServer.Engine;

/// <summary>What commands of one task leave for its end.</summary>
sealed class CommandEffects(long completedEventId, string identity)
{
    public long CompletedEventId { get; } = completedEventId;
    public string Identity { get; } = identity;

    /// <summary>Something happened that the workflow has to hear of at once.</summary>
    public bool NeedsWorkflowTask { get; set; }
}
