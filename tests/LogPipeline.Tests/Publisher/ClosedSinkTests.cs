using System.Net.NetworkInformation;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using Serilog;

namespace LogPipeline.Tests.Publisher;

/// <summary>What a sink leaves behind when it is closed.</summary>
public sealed class ClosedSinkTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>
{
    const int Sinks = 5;

    [Fact]
    public async Task NoConnectionOfAClosedSinkIsLeft()
    {
        using var folder = new TempDirectory();
        for (var i = 0; i < Sinks; i++)
        {
            await using var logger = new LoggerConfiguration().WriteTo.Temporal(address: temporal.Address,
                source: Some.Name("closed"), spoolDirectory: folder.Path).CreateLogger();
            logger.Information("one");
            await Eventually.TrueAsync(() => Task.FromResult(Connections() > 0), TimeSpan.FromSeconds(30));
        }
        await Eventually.TrueAsync(() =>
        {
            // Temporal's package closes a connection when its client is collected.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Task.FromResult(Connections() == 0);
        }, TimeSpan.FromSeconds(30), explain: () => $"{Connections()} of {Sinks} connections are left.");
    }

    int Connections()
    {
        var port = int.Parse(temporal.Address[(temporal.Address.LastIndexOf(':') + 1)..]);
        return IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
            .Count(one => one.RemoteEndPoint.Port == port && one.State == TcpState.Established);
    }
}
