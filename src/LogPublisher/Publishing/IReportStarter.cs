namespace LogPipeline.Publisher.Publishing;

/// <summary>Sends a publisher's own reports to Temporal.</summary>
interface IReportStarter
{
    /// <summary>
    /// Sends one where there is a connection already. A report that is not taken is not missed: the next says more.
    /// </summary>
    Task SendAsync(PublisherReport report, CancellationToken cancellationToken);
}
