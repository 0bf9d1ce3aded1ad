using LogPipeline.Worker.Configuration;
using LogPipeline.Workflows.Connecting;

namespace LogPipeline.Worker.Cli.Doctor;

/// <summary>The way to Temporal, in order: all of <c>test-temporal</c>, and a part of <c>doctor</c>.</summary>
static class TemporalChecks
{
    static readonly TimeSpan BatchTimeMax = TimeSpan.FromSeconds(30);

    /// <param name="target">Where to.</param>
    /// <param name="settings">For the sink that sends the batch.</param>
    /// <param name="time">This machine's clock, which is compared with Temporal's.</param>
    public static IReadOnlyList<SetupCheck> Of(TemporalTarget target, WorkerSettings settings, TimeProvider time)
    {
        var connect = target.Connect;
        var colon = connect.TargetHost!.LastIndexOf(':');
        var host = connect.TargetHost[..colon].Trim('[', ']');
        var port = int.Parse(connect.TargetHost.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        var server = new ServerChecks(target, settings, time);
        return
        [
            new("DNS", token => NetworkChecks.DnsAsync(host, token)) { IsGate = true },
            new("TCP", token => NetworkChecks.TcpAsync(host, port, token)) { IsGate = true },
            new("TLS", token => TemporalSettings.UsesTls(connect)
                ? NetworkChecks.TlsAsync(host, port, connect.Tls?.Domain, token)
                : Task.FromResult(CheckResult.Skipped("TLS", "Not used: no API key and no TEMPORAL_TLS variable is set.")))
            {
                IsGate = true,
            },
            new("Server", server.AuthAsync) { IsGate = true },
            new("Namespace", server.NamespaceAsync) { IsGate = true },
            new("Waiting", server.WaitingAsync),
            new("Pollers", server.PollersAsync) { IsGate = true },
            new("Batch", server.BatchAsync) { TimeMax = BatchTimeMax },
            new("Clock", server.ClockAsync),
        ];
    }
}
