using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPipeline.Publisher.Hosting;

/// <summary>The sink's health, with its figures as data.</summary>
sealed class PublisherHealthCheck(TemporalSink sink, TimeProvider time) : IHealthCheck
{
    readonly Lock _gate = new();
    // Under the gate.
    long _lost;
    DateTimeOffset? _lostAt;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken =
        default)
    {
        var stats = sink.Stats;
        var (status, text) = PublisherHealth.Of(stats, LostAt(PublisherHealth.LostOf(stats)), time.GetUtcNow());
        // Whoever registered it may say how bad the worst is.
        if (status == HealthStatus.Unhealthy) status = context.Registration.FailureStatus;
        return Task.FromResult(new HealthCheckResult(status, text, data: DataOf(stats)));
    }

    // Counts do not say when; what was lost between two checks was lost at the second, for all that is known.
    DateTimeOffset? LostAt(long lost)
    {
        lock (_gate)
        {
            if (lost > _lost) (_lost, _lostAt) = (lost, time.GetUtcNow());
            return _lostAt;
        }
    }

    static Dictionary<string, object> DataOf(PublisherStats stats)
    {
        var data = new Dictionary<string, object>
        {
            ["emitted"] = stats.Emitted, ["accepted"] = stats.Accepted, ["queued"] = stats.Queued,
            ["spooled"] = stats.Spooled, ["dropped"] = stats.Dropped, ["fill"] = Math.Round(stats.Fill, 3),
            ["breaker"] = stats.Breaker.ToString(),
        };
        if (stats.LastError is { } error) data["lastError"] = error;
        return data;
    }
}
