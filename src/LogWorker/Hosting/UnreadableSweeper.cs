using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Observability;
using LogPipeline.Workflows.Codecs;
using Microsoft.Extensions.Hosting;
using Temporalio.Client;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Hosting;

/// <summary>Sweeps once a minute, over a connection of its own that decodes nothing.</summary>
sealed class UnreadableSweeper(LogWorkerOptions options, TemporalClientConnectOptions connection, DeadLetterBox box, ILogger<UnreadableSweeper> logger) : BackgroundService
{
    static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var undecoded = (TemporalClientConnectOptions)connection.Clone();
        undecoded.DataConverter = DataConverter.Default;
        var sweep = new UnreadableSweep(
            TemporalClient.CreateLazy(undecoded), new PipelineCodec(options.EncryptionKeys, options.GzipBytesMin), box,
            new UnreadableSweepOptions(options.TaskQueue, options.UnreadableGrace), TimeProvider.System, logger);
        var interval = options.UnreadableGrace < Interval ? options.UnreadableGrace : Interval;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(interval, stoppingToken).ConfigureAwait(false);
                await sweep.SweepAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is RpcException or RpcTimeoutOrCanceledException or InvalidOperationException or IOException)
            {
                // Temporal is away, which the worker tells, or the letter could not be kept; the batches wait for the next time.
                WorkerLog.SweepFailed(logger, e.Message);
            }
        }
    }
}
