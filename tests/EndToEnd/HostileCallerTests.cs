using System.Diagnostics;
using LogPipeline.EndToEnd.Attacks;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using Xunit.Abstractions;

namespace LogPipeline.EndToEnd;

/// <summary>The embedded server among callers that send anything, while it is killed again and again.</summary>
public sealed class HostileCallerTests(ITestOutputHelper output)
{
    const long ServerBytesMax = 500_000_000;
    const int Connections = 1_100;
    const int SlowRequests = 100;

    /// <summary>Answers to the well-behaved client while the connections are open.</summary>
    const int ProbesAmongConnections = 100;

    // The callers and the other client share this machine; in every build it is busy with more.
    static readonly TimeSpan ProbeMax = TimeSpan.FromSeconds(LongRuns.Choose(usual: 5, @long: 1));

    [Fact]
    public async Task TheServerAnswersOthersAndLosesNothingAmongHostileCallers()
    {
        var (seeds, calls, kills) = LongRuns.Choose(usual: (8, 400, 2), @long: (50, 2000, 10));
        using var directory = new TempDirectory();
        await using var server = new EmbeddedServerProgram(directory.File("server"), "--namespace", Prober.Namespace);
        HostileCaller[] callers =
            [.. Enumerable.Range(1, seeds).Select(seed => new HostileCaller(server.Address, seed))];
        var prober = new Prober();
        var peaks = new List<long>();
        var watch = Stopwatch.StartNew();
        try
        {
            for (var life = 0; life <= kills; life++)
            {
                await server.StartAsync();
                using var end = new CancellationTokenSource();
                var client = await Prober.ConnectAsync(server.Address);
                (await prober.MissingAsync(client)).ShouldBeEmpty();
                var probing = prober.RunAsync(client, end.Token);
                if (life == 0) await FloodAsync(server, prober, probing);
                var attack = Task.WhenAll(callers.Select(caller => caller.RunAsync(calls, end.Token)));
                // The kill comes while they go on.
                var until = (long)seeds * calls * (life + 1) / (kills + 1);
                await Eventually.TrueAsync(() => Task.FromResult(attack.IsCompleted || probing.IsCompleted
                    || !server.Runs || callers.Sum(caller => (long)caller.Calls) >= until), TimeSpan.FromMinutes(10));
                server.Runs.ShouldBeTrue();
                peaks.Add(server.PeakResidentBytes);
                await end.CancelAsync();
                await server.KillAsync();
                await Task.WhenAll(attack, probing);
            }
            await server.StartAsync();
            (await prober.MissingAsync(await Prober.ConnectAsync(server.Address))).ShouldBeEmpty();
        }
        finally
        {
            Tell(callers, prober);
            output.WriteLine($"{kills} kills, {watch.Elapsed.TotalSeconds:0} s, memory of each life in MiB: "
                + string.Join(", ", peaks.Select(peak => peak >> 20)));
            output.WriteLine(Tail(string.Join('\n', server.Warnings)) + Tail(server.Everything));
        }
        callers.SelectMany(caller => caller.Faults).ShouldBeEmpty();
        prober.Times.Max().ShouldBeLessThan(ProbeMax);
        peaks.Max().ShouldBeLessThan(ServerBytesMax);
    }

    /// <summary>Idle and half connections up to the server's bound, and requests that never come to an end.</summary>
    async Task FloodAsync(EmbeddedServerProgram server, Prober prober, Task probing)
    {
        using var end = new CancellationTokenSource();
        using var grpc = new RawGrpc(server.Address);
        var part = RawGrpc.Framed(new byte[100_000])[..50_000];
        var slow = Enumerable.Range(0, SlowRequests).Select(_ => grpc.CallAsync(
            "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution", new SlowContent(part),
            TimeSpan.FromMinutes(1), end.Token)).ToList();
        await ProbesAsync(10);
        using var connections = await Attacks.Connections.OpenAsync(server.Address, Connections, seed: 1);
        await ProbesAsync(ProbesAmongConnections);
        output.WriteLine($"{connections.Count} connections and {slow.Count(one => !one.IsCompleted)} slow requests "
            + $"open; slowest answer to the other client: {prober.Times.Max().TotalMilliseconds:0} ms");
        await end.CancelAsync();
        foreach (var one in slow) await Should.ThrowAsync<Exception>(one);

        Task ProbesAsync(int more)
        {
            var until = prober.Times.Count + more;
            return Eventually.TrueAsync(
                () => Task.FromResult(probing.IsCompleted || prober.Times.Count >= until), TimeSpan.FromMinutes(1));
        }
    }

    void Tell(HostileCaller[] callers, Prober prober)
    {
        var times = prober.Times.Order().ToList();
        output.WriteLine($"{callers.Sum(caller => caller.Calls):n0} calls: " + string.Join(", ", callers
            .SelectMany(caller => caller.Statuses).GroupBy(one => one.Key)
            .OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(status => $"{status.Key} {status.Sum(one => one.Value):n0}")));
        output.WriteLine($"the other client: {prober.Accepted.Count:n0} workflows accepted, answers: median "
            + $"{times[times.Count / 2].TotalMilliseconds:0} ms, longest {times[^1].TotalMilliseconds:0} ms");
    }

    static string Tail(string text) => text.Length <= 4000 ? text : text[^4000..];
}
