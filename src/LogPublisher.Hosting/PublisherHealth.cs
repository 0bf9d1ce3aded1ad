using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPipeline.Publisher.Hosting;

/// <summary>
/// Decides how well a sink is. Unhealthy: events are being lost, or what waits cannot be put on disk. Degraded: nothing
/// is lost, and may be if it stays so. A drop of long ago is counted, and no reason to restart or replace anything.
/// </summary>
static class PublisherHealth
{
    /// <summary>So long after the last loss that was seen it is unhealthy.</summary>
    public static readonly TimeSpan LossCountsFor = TimeSpan.FromMinutes(5);

    /// <summary>From this fill on it is degraded, as the sink warns of in the stream.</summary>
    public const double FillMax = 0.8;

    /// <summary>
    /// Lost events but for those that are lost on purpose (lower levels while room runs out), or logged by the sink's
    /// own work or after its end.
    /// </summary>
    public static long LostOf(PublisherStats stats) => stats.DroppedByReason
        .Where(one => one.Key is not (DropReason.Shed or DropReason.Closed or DropReason.Reentrant)).Sum(one => one.Value);

    /// <param name="lostAt">When a loss was seen last; null: there was none.</param>
    public static (HealthStatus Status, string Text) Of(PublisherStats stats, DateTimeOffset? lostAt, DateTimeOffset now)
    {
        if (lostAt is { } at && now - at < LossCountsFor)
            return (HealthStatus.Unhealthy, $"Log events are lost: {Reasons(stats)}.");
        if (stats.DiskError is { } error)
            return (HealthStatus.Unhealthy, $"Log events cannot be put on disk: {error}");
        if (stats.Breaker != BreakerState.Closed)
            return (HealthStatus.Degraded, $"Temporal is not reached since {stats.BreakerSince:u} ({stats.Breaker}); "
                + $"{Count(stats.Spooled + stats.Queued)} log events wait. {stats.LastError}".TrimEnd());
        if (stats.Fill >= FillMax)
            return (HealthStatus.Degraded, $"The room for log events that wait is taken to {(int)(stats.Fill * 100)} %.");
        return (HealthStatus.Healthy, $"Temporal takes log events; {Count(stats.Accepted)} so far.");
    }

    static string Reasons(PublisherStats stats) =>
        string.Join(", ", stats.DroppedByReason.Select(one => $"{Count(one.Value)} {one.Key}"));

    static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
