namespace TemporalDevServer.Engine;

/// <summary>Events that have left memory. They never change, so that it does not matter when they are read.</summary>
interface IHistoryArchive
{
    /// <exception cref="ServiceError">They are damaged.</exception>
    IReadOnlyList<HistoryEvent> Read(HistoryPart part);
}

/// <summary>For a server that keeps everything in memory.</summary>
sealed class NoArchive : IHistoryArchive
{
    public IReadOnlyList<HistoryEvent> Read(HistoryPart part) =>
        throw new InvalidOperationException("This server has no archive, and its state names a part of one.");
}
