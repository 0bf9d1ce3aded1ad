using LogPipeline.Publisher;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Extensions.Logging;

namespace LogPipeline.TestProgram.Application;

/// <summary>An application on the generic host, which logs while it runs and once more while it stops.</summary>
static class HostedApplication
{
    public static async Task RunAsync(int count, bool ownSerilog)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddFilter("Microsoft", LogLevel.None);
        builder.AddLogPublisher(addLoggerProvider: !ownSerilog);
        if (ownSerilog)
            builder.Services.AddSingleton<ILoggerProvider>(services => new SerilogLoggerProvider(
                new LoggerConfiguration().WriteTo.Sink(services.GetRequiredService<TemporalSink>()).CreateLogger(), dispose: true));
        builder.Services.AddSingleton(new Work(count));
        builder.Services.AddHostedService<Worker>();
        using var host = builder.Build();
        await host.RunAsync();
    }

    sealed record Work(int Count);

    sealed class Worker(Work work, ILogger<Worker> logger) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            for (var i = 1; i < work.Count; i++) logger.LogInformation("Event {Number}", i);
            Console.WriteLine("logged");
            await Task.Delay(Timeout.Infinite, stoppingToken)
                .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            logger.LogInformation("Event {Number}", work.Count);
        }
    }
}
