using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LogPipeline.Worker.Web;

/// <summary>
/// What a page or a program shows of the worker: <c>GET /api/stats</c>, and <c>GET /api/activity-logs/performance</c> with
/// the few figures of a queue.
/// </summary>
sealed class StatsEndpoints(WorkerBooks books, WorkerIdentity worker, TemporalLink temporal, Readiness readiness,
    Func<LedgerTotals?> ledger, DeadLetterBox deadLetters, Func<long?> freeBytes, TimeProvider time,
    bool isReadOnly = false, string? temporalUiUrl = null) : IWebEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/stats", async (CancellationToken cancellationToken) =>
            Results.Json(await GetStatsAsync(cancellationToken).ConfigureAwait(false), StatsJson.Default.StatsAnswer));
        routes.MapGet("/api/activity-logs/performance", async (CancellationToken cancellationToken) =>
            Results.Json(await GetPerformanceAsync(cancellationToken).ConfigureAwait(false), StatsJson.Default.PerformanceAnswer));
    }

    async Task<StatsAnswer> GetStatsAsync(CancellationToken cancellationToken)
    {
        var state = await temporal.AskAsync(cancellationToken).ConfigureAwait(false);
        var stats = books.Read();
        return new StatsAnswer
        {
            Worker = worker with { StartedAt = stats.StartedAt, UptimeSeconds = (time.GetUtcNow() - stats.StartedAt).TotalSeconds },
            Temporal = new TemporalAnswer(temporal.Address, temporal.Namespace, temporal.TaskQueue, state.IsReached,
                state.Problem, state.Since, state.PendingBatches, temporalUiUrl),
            Writer = new WriterAnswer(readiness.Path, readiness.Trouble is null, readiness.Trouble?.Sentence,
                readiness.Trouble?.Since, freeBytes()),
            Records = new RecordsAnswer(stats.Written, stats.Filtered, stats.DeadLettered, stats.Overflowed),
            Batches = new BatchesAnswer(stats.Batches, stats.FailedAttempts, stats.OutOfOrder, stats.Copied),
            Bytes = stats.Bytes,
            RecordsPerSecond = stats.RecordsPerSecond,
            Latency = new LatencyAnswer(stats.LatencyMedian, stats.Latency95),
            Ledger = ledger(),
            IsReadOnly = isReadOnly,
            DeadLetters = deadLetters.Count,
            Volume = stats.Volume,
            Canary = stats.Canaries == 0 ? null : new CanaryAnswer(stats.Canaries, stats.CanariesMissing, stats.LastCanary),
        };
    }

    async Task<PerformanceAnswer> GetPerformanceAsync(CancellationToken cancellationToken)
    {
        var state = await temporal.AskAsync(cancellationToken).ConfigureAwait(false);
        var stats = books.Read();
        var processed = stats.Written + stats.Filtered + stats.DeadLettered;
        return new PerformanceAnswer(true, new PerformanceData
        {
            QueueSize = state.PendingBatches,
            ProcessingRate = stats.RecordsPerSecond,
            ErrorRate = processed == 0 ? 0 : 100.0 * stats.DeadLettered / processed,
            TotalProcessed = processed,
            PendingJobs = state.PendingBatches,
            FailedJobs = deadLetters.Count,
            MemoryUsage = Environment.WorkingSet,
            CircuitBreaker = new CircuitBreakerData(state.IsReached ? "closed" : "open", state.FailuresInRow, state.IsReached),
        });
    }
}
