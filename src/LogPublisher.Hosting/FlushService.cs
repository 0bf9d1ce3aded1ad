using Microsoft.Extensions.Hosting;

namespace LogPipeline.Publisher.Hosting;

/// <summary>
/// Empties the sink when all services have stopped, within the sink's close timeout and the host's own deadline. It
/// stays open: what is logged after that goes when the host is disposed, which closes it.
/// </summary>
sealed class FlushService(TemporalSink sink) : IHostedLifecycleService
{
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await sink.EmptyAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The host's deadline has passed; closing the sink does the rest.
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
