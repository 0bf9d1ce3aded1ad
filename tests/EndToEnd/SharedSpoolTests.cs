using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using TemporalDevServer;

namespace LogPipeline.EndToEnd;

/// <summary>
/// Two programs of one user with one spool directory: a clinic's, with a key and a namespace of its own, whose Temporal is away, and
/// another one, without a key and with another Temporal.
/// </summary>
public sealed class SharedSpoolTests
{
    const int Records = 200;

    static readonly Dictionary<string, string> Clinic = new()
    {
        ["TEMPORAL_NAMESPACE"] = "clinic",
        ["LOG_ENCRYPTION_KEYS"] = $"clinic:{Convert.ToBase64String(Enumerable.Repeat((byte)7, 32).ToArray())}",
        ["LOG_CLOSE_TIMEOUT"] = "100ms",
    };

    [Fact]
    public async Task WhatOneProgramLeftGoesToItsOwnTemporalAndToNoOther()
    {
        using var directory = new TempDirectory();
        await using var clinics = await DevServer.StartAsync(new DevServerOptions { Namespaces = ["clinic"] });
        await using var others = await DevServer.StartAsync();
        await using var way = new TcpProxy(clinics.Address);
        way.Set(Link.Refused);
        var spool = directory.File("spool");
        await using (var first = HostProgram.Start(way.Address, spool, "clinic", ["burst", $"{Records}"], Clinic))
            await first.EndAsync(TimeSpan.FromMinutes(1));
        foreach (var file in Directory.GetFiles(spool, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith("owner")))
            File.ReadAllBytes(file).AsSpan().IndexOf("@mt"u8).ShouldBe(-1, file);

        await using (var other = HostProgram.Start(others.Address, spool, "other", ["drain"]))
        {
            (await other.LineAsync(line => line.StartsWith("peak-kb", StringComparison.Ordinal))).ShouldContain("adopted=0 accepted=1 ");
            await other.EndAsync(TimeSpan.FromMinutes(1));
            other.Everything.ShouldContain("records wait for other destinations");
            other.Everything.ShouldContain($"'logworker spool list --spool-directory {spool}' shows them.");
        }
        (await WrittenAsync(others.Address, directory.File("logs", "other"), [], 1)).ShouldBe(1);

        way.Set(Link.Passing);
        await using (var again = HostProgram.Start(way.Address, spool, "clinic", ["drain"], Clinic))
        {
            (await again.LineAsync(line => line.StartsWith("peak-kb", StringComparison.Ordinal)))
                .ShouldContain($"adopted={Records} accepted={Records + 1} ");
            await again.EndAsync(TimeSpan.FromMinutes(1));
        }
        (await WrittenAsync(clinics.Address, directory.File("logs", "clinic"), Clinic, Records + 1)).ShouldBe(Records + 1);
    }

    static async Task<long> WrittenAsync(string address, string logs, Dictionary<string, string> environment, int expected)
    {
        Directory.CreateDirectory(logs);
        await using var worker = WorkerProgram.StartDaemon(address, logs, environment);
        await Eventually.GetAsync(() => Task.FromResult(WrittenRecord.CountLines(logs)), lines => lines >= expected,
            TimeSpan.FromMinutes(1), explain: () => worker.Everything);
        await worker.StopAsync();
        return WrittenRecord.CountLines(logs);
    }
}
