using System.Net;
using System.Net.Sockets;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Hosting;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Publisher;
using LogPipeline.Workflows.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog.Core;

namespace LogPipeline.Tests.Hosting;

public sealed class AddLogPublisherTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>, IDisposable
{
    readonly TempDirectory _spool = new();
    readonly string _source = $"hosted{Guid.NewGuid():n}";

    public void Dispose() => _spool.Dispose();

    HostApplicationBuilder Builder(params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Append(("SpoolDirectory", _spool.Path)).Append(("Source", _source))
            .Append(("Address", server.Address))
            .Select(setting => KeyValuePair.Create<string, string?>($"LogPublisher:{setting.Item1}", setting.Item2)));
        return builder;
    }

    [Fact]
    public async Task WhatTheHostLogsIsInTemporalWhenTheHostHasStopped()
    {
        var builder = Builder(("FlushInterval", "1h"), ("BufferSize", "1000"));
        builder.AddLogPublisher();
        using var host = builder.Build();
        await host.StartAsync();
        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("orders");
        for (var i = 1; i <= 5; i++)
            using (logger.BeginScope(new Dictionary<string, object> { ["OrderId"] = 4711 }))
                logger.LogInformation("Event {Number}", i);
        await host.StopAsync();

        var records = (await SentRecords.OfAsync(server.Address, _source)).Where(record => record.TryGetProperty("Number", out _)).ToList();
        records.Count.ShouldBe(5);
        records[0].GetProperty("SourceContext").GetString().ShouldBe("orders");
        records[0].GetProperty("OrderId").GetInt32().ShouldBe(4711);
        var stats = host.Services.GetRequiredService<TemporalSink>().Stats;
        stats.Queued.ShouldBe(0);
        stats.Accepted.ShouldBe(stats.Emitted);
    }

    [Fact]
    public async Task AHostsOwnDeadlineEndsTheFlush()
    {
        // Takes connections and never answers.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = $"127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}";
        await using var sink = new TemporalSink(new TemporalSinkOptions
        {
            Address = address, Source = _source, SpoolDirectory = _spool.Path,
            Timeouts = { Start = TimeSpan.FromMinutes(5), Close = TimeSpan.FromSeconds(2) },
        }, ignoreEnvironment: true);
        sink.Emit(SomeEvent.Of("x"));
        var flushed = new FlushService(sink).StoppedAsync(new CancellationToken(canceled: true));
        flushed.IsCompletedSuccessfully.ShouldBeTrue();
        sink.Stats.Spooled.ShouldBe(1);
    }

    [Fact]
    public void TheSinkIsAServiceForThoseWhoLogThroughSerilog()
    {
        var builder = Builder();
        builder.AddLogPublisher(addLoggerProvider: false);
        using var host = builder.Build();
        host.Services.GetServices<ILogEventSink>().ShouldHaveSingleItem().ShouldBeSameAs(host.Services.GetRequiredService<TemporalSink>());
        host.Services.GetServices<ILoggerProvider>().ShouldBeEmpty();
    }

    [Fact]
    public void AddingItTwiceAddsItOnce()
    {
        var builder = Builder();
        builder.AddLogPublisher().AddLogPublisher();
        using var host = builder.Build();
        host.Services.GetServices<ILoggerProvider>().Count().ShouldBe(1);
        host.Services.GetServices<IHostedService>().Count(service => service is FlushService).ShouldBe(1);
    }

    [Fact]
    public void CodeWinsOverTheSection()
    {
        var builder = Builder();
        builder.AddLogPublisher(options => options.Source = "code");
        using var host = builder.Build();
        host.Services.GetRequiredService<TemporalSink>().Source.ShouldBe("code");
    }

    [Fact]
    public void WrongOptionsStopTheHostWhenItIsBuilt()
    {
        var builder = Builder(("BufferSize", "many"), ("FlushIntervall", "5s"), ("Limits:DepthMax", "99"));
        builder.AddLogPublisher();
        Should.Throw<ConfigurationException>(() => builder.Build()).Errors.ShouldBe(
        [
            "LogPublisher:FlushIntervall is not an option; did you mean FlushInterval?",
            "LogPublisher:BufferSize was 'many'; use a whole number from 1 to 1000000.",
            "LogPublisher:Limits:DepthMax was '99'; use a whole number from 1 to 64.",
        ]);
    }

    [Fact]
    public async Task ItsLevelsCanBeSetApart()
    {
        var builder = Builder();
        builder.AddLogPublisher();
        builder.Configuration["Logging:LogPublisher:LogLevel:Default"] = "Error";
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        using var host = builder.Build();
        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("orders");
        logger.IsEnabled(LogLevel.Warning).ShouldBeFalse();
        logger.IsEnabled(LogLevel.Error).ShouldBeTrue();
        await host.StopAsync();
    }
}
