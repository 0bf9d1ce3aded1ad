using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Observability;
using Microsoft.Extensions.Hosting;
using Temporalio.Client;

namespace LogPipeline.Worker.Hosting;

/// <summary>Sweeps batches that cannot be read, as long as Temporal is reached. With <c>--once</c> there is none.</summary>
sealed class UnreadableService(LogWorkerOptions options, TemporalLink link, DeadLetterBox box, UnreadableSeen seen,
    TimeProvider time, ILogger<UnreadableService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        (ITemporalClient Client, UnreadableSweep Sweep)? of = null;
        using var pace = new PeriodicTimer(UnreadableSweep.Interval, time);
        try
        {
            while (await pace.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                if (link.Client is not { } client) continue;
                if (of?.Client != client) of = (client, Create(client));
                await of.Value.Sweep.TrySweepAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Between two rounds or in one: what was not ended is found again.
        }
    }

    UnreadableSweep Create(ITemporalClient client) =>
        new(new UnreadableBatches(client, options.CreateCodec(), box, options.TaskQueue, time), seen,
            options.UnreadableAfter, logger, time);
}
