using LogPipeline.Worker.Canary;
using LogPipeline.Worker.Observability;
using Microsoft.Extensions.Hosting;
using Temporalio.Client;

namespace LogPipeline.Worker.Hosting;

/// <summary>
/// Sends a canary each interval, one at a time: where one is missing for a minute, no other is sent meanwhile. A number whose batch
/// Temporal did not take is sent again, so that numbers have no gaps.
/// </summary>
sealed class CanaryService(LogWorkerOptions options, TemporalClientConnectOptions connection, TemporalLink link, WorkerBooks books,
    WorkerMetrics metrics, TimeProvider time, ILogger<CanaryService> logger) : BackgroundService
{
    readonly CanaryProbe _probe = new(connection, options.TaskQueue,
        // Another worker of the same queue has files of its own.
        worker => worker == options.Identity ? Path.GetFullPath(options.Directory) : null, options.Loki, time);

    // Owned by the loop.
    long _missingInRow;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var id = CanaryEvent.FirstOf(time.GetUtcNow());
        using var timer = new PeriodicTimer(options.CanaryInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                // It has only begun to connect.
                if (link is { Client: null, State.FailuresInRow: 0 }) continue;
                var result = await SendAsync(id, stoppingToken).ConfigureAwait(false);
                Tell(result);
                if (result.AcceptedSeconds is not null) id = new BatchId(id.Source, id.Instance, id.FirstSequence + 1);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    async Task<CanaryResult> SendAsync(BatchId id, CancellationToken stoppingToken)
    {
        if (link.Client is not { } client)
            return new CanaryResult(id.ToString(), time.GetUtcNow()) { Problem = link.State.Problem };
        try
        {
            return await _probe.SendAsync(client, id, stoppingToken).ConfigureAwait(false);
        }
        // The edge of the loop: the next one may come through.
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            return new CanaryResult(id.ToString(), time.GetUtcNow()) { Problem = e.Message };
        }
    }

    void Tell(CanaryResult result)
    {
        books.Canary(result);
        metrics.Canary(result);
        if (result.Problem is { } problem)
        {
            // Once; the metric counts the others.
            if (_missingInRow++ == 0) WorkerLog.CanaryMissing(logger, result.Batch, problem);
            return;
        }
        if (_missingInRow > 0)
            WorkerLog.CanaryBack(logger, result.Batch, result.Stages().Max(stage => stage.Seconds), _missingInRow);
        _missingInRow = 0;
    }
}
