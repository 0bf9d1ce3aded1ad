using LogPipeline.Publisher;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Publishing;
using LogPipeline.TestSupport;
using LogPipeline.Workflows.Connecting;
using Serilog;
using TemporalDevServer;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.Tests.Publisher;

/// <summary>The native core beneath the sink keeps to itself.</summary>
public sealed class SinkRuntimeTests
{
    readonly SinkRig _rig = new();

    [Fact]
    public async Task WhatTheCoreSaysOnItsOwnThreadsNeverComesBackIntoTheSink()
    {
        var sink = _rig.Open();
        await using var logger = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();
        // A host that logs what SelfLog says.
        var said = 0;
        var reporter = new Reporter(TimeProvider.System, text =>
        {
            logger.Warning("{Text}", text);
            Interlocked.Increment(ref said);
        });
        var options = new TemporalClientConnectOptions { Runtime = TemporalSettings.CreateRuntime(new SinkRuntime.CoreLog(reporter)) };
        TemporalClient client;
        await using (var server = await DevServer.StartAsync())
        {
            options.TargetHost = server.Address;
            client = await TemporalClient.ConnectAsync(options);
        }
        // The core warns of calls that it repeats.
        await Should.ThrowAsync<RpcException>(() =>
            client.Connection.WorkflowService.GetSystemInfoAsync(new GetSystemInfoRequest(), new RpcOptions { Retry = true }));
        await _rig.UntilAsync(() => Volatile.Read(ref said) > 0);
        sink.Stats.DroppedByReason[DropReason.Reentrant].ShouldBe(said);
        sink.Stats.Emitted.ShouldBe(said);
        // The thread is not marked for ever.
        logger.Information("an order");
        sink.Stats.Queued.ShouldBe(1);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task TheHostsRuntimeIsLeftAloneAndNothingIsWrittenToItsConsole()
    {
        using var folder = new TempDirectory();
        await using var server = await DevServer.StartAsync();
        await using var host = new EndingProgram("quiet", folder.Path)
            .Start("large-and-own-temporal", 40, server.Address, TimeSpan.FromSeconds(30));
        await host.EndAsync();
        host.ExitCode.ShouldBe(0, host.Everything);
        host.Output.ShouldBe("logged\n40 accepted, the default runtime is not made");
        host.Errors.ShouldBeEmpty();
    }
}
