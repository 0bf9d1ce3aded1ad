using System.Text.RegularExpressions;
using LogPipeline.TestSupport;

namespace LogPipeline.EndToEnd.Shipping;

/// <summary>promtail/promtail.yml and deploy/loki/loki.yml on the real programs, with lines as the worker writes them.</summary>
public sealed class ShippingTests(ShippedConfiguration shipped) : IClassFixture<ShippedConfiguration>
{
    static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    [SkippableFact]
    public async Task ALineArrivesWithItsOwnTimeItsLabelsAndItsTraceIds()
    {
        RealServers.SkipIfMissing();
        var time = Now.AddMinutes(-3);
        var line =
            $$"""{"@t":"{{Text(time)}}","@mt":"Paid {Amount}","@m":"Paid 12.50","@l":"Warning","@tr":"4bf92f3577b34da6a3ce929d0e0e4736","@sp":"00f067aa0ba902b7","Amount":12.5,"level":"warning","channel":"labels","source":"shop","instance":"a","seq":1}""";
        shipped.Append("labels", "2026-11-21.001.clef", [line]);

        await shipped.CountReachesAsync("{channel=\"labels\"}", 1);
        var found = (await shipped.Loki.LinesAsync("{channel=\"labels\"}", Now.AddHours(-1), Now.AddHours(1))).ShouldHaveSingleItem();

        found.Line.ShouldBe(line);
        // .NET's clock has 100 ns, Loki's 1 ns: every digit of the event's time arrives.
        found.Nanoseconds.ShouldBe((time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * 100);
        found.Labels.ShouldBe(new Dictionary<string, string>
        {
            ["channel"] = "labels",
            ["level"] = "warning",
            ["source"] = "shop",
            ["service_name"] = "shop",
            ["trace_id"] = "4bf92f3577b34da6a3ce929d0e0e4736",
            ["span_id"] = "00f067aa0ba902b7",
        }, ignoreOrder: true);
        (await shipped.Loki.LabelNamesAsync()).ShouldBe(["channel", "level", "service_name", "source"], ignoreOrder: true);
        (await shipped.Loki.CountAsync("{channel=\"labels\"} | trace_id=\"4bf92f3577b34da6a3ce929d0e0e4736\"")).ShouldBe(1);
    }

    [SkippableFact]
    public async Task ALineThatIsInASecondFileTooIsOneEntry()
    {
        RealServers.SkipIfMissing();
        string[] lines = [.. Lines("copies", 50, Now.AddMinutes(-2))];
        shipped.Append("copies", "2026-11-21.001.clef", lines);
        shipped.Append("copies", "2026-11-21.002.clef", lines);
        // Shipped after the copies, so that what is counted holds them.
        shipped.Append("copies", "2026-11-21.002.clef", Lines("copies", 1, Now, source: "last"));

        await shipped.CountReachesAsync("{channel=\"copies\",source=\"last\"}", 1);
        await shipped.CountReachesAsync("{channel=\"copies\",source=\"some\"}", 50);
        (await shipped.Loki.CountAsync("{channel=\"copies\",source=\"some\"}")).ShouldBe(50);
    }

    [SkippableFact]
    public async Task AShipperThatForgotItsPositionsSendsNothingTwice()
    {
        RealServers.SkipIfMissing();
        shipped.Append("again", "2026-11-21.001.clef", Lines("again", 50, Now.AddMinutes(-2)));
        await shipped.CountReachesAsync("{channel=\"again\"}", 50);

        await shipped.RestartPromtailForgettingPositionsAsync();
        shipped.Append("again", "2026-11-21.001.clef", Lines("again", 1, Now, source: "last"));

        await shipped.CountReachesAsync("{channel=\"again\",source=\"last\"}", 1);
        (await shipped.Loki.CountAsync("{channel=\"again\",source=\"some\"}")).ShouldBe(50);
    }

    [SkippableFact]
    public async Task ABurstIsTakenAndSoAreLinesThatComeHoursLate()
    {
        RealServers.SkipIfMissing();
        shipped.Append("burst", "2026-11-21.001.clef", Lines("burst", 12_000, Now.AddMinutes(-1)));
        await shipped.CountReachesAsync("{channel=\"burst\"}", 12_000);

        // The same stream, behind newer lines: what a replay after an outage of hours looks like.
        shipped.Append("burst", "2026-11-21.002.clef", Lines("burst", 100, Now.AddHours(-6)));
        await shipped.CountReachesAsync("{channel=\"burst\"}", 12_100);
        (await shipped.Loki.CountAsync("{channel=\"burst\"}")).ShouldBe(12_100);
    }

    [SkippableFact]
    public async Task ALineFrom1970IsRefusedAloneAndAllOthersArrive()
    {
        RealServers.SkipIfMissing();
        // Each is a stream that is new to Loki; of the second one only the first line has no clock.
        shipped.Append("device", "2026-11-21.001.clef", Lines("device", 1, DateTimeOffset.UnixEpoch));
        shipped.Append("mixed", "2026-11-21.001.clef",
            [.. Lines("mixed", 1, DateTimeOffset.UnixEpoch), .. Lines("mixed", 5, Now.AddMinutes(-1))]);
        shipped.Append("healthy", "2026-11-21.001.clef", Lines("healthy", 5, Now.AddMinutes(-1)));

        await shipped.CountReachesAsync("{channel=\"healthy\"}", 5);
        await shipped.CountReachesAsync("{channel=\"mixed\"}", 5);
        await Eventually.TrueAsync(() => Task.FromResult(shipped.Promtail.Everything.Contains(
            "has timestamp too old: 1970-01-01T00:00:00Z", StringComparison.Ordinal)),
            TimeSpan.FromSeconds(60), explain: () => shipped.Promtail.Everything);
        // What is dropped is not in the way of what follows.
        shipped.Append("device", "2026-11-21.001.clef", Lines("device", 3, Now));
        await shipped.CountReachesAsync("{channel=\"device\"}", 3);

        foreach (var (channel, count) in ((string, long)[])[("healthy", 5), ("mixed", 5), ("device", 3)])
            (await shipped.Loki.CountAsync($"{{channel=\"{channel}\"}}")).ShouldBe(count, channel);
        shipped.Promtail.Everything.ShouldNotContain("no schema config");
    }

    [SkippableTheory, InlineData(8), InlineData(40), InlineData(364)]
    public async Task AReplayIsTakenUpToTheAgeThatIsDocumented(int days)
    {
        RealServers.SkipIfMissing();
        var time = Now.AddDays(-days);
        shipped.Append($"replay{days}", "2026-11-21.001.clef", Lines($"replay{days}", 20, time));
        var found = await Eventually.GetAsync(() => shipped.Promtail.WhileItRunsAsync(() => shipped.Loki.LinesAsync(
            $"{{channel=\"replay{days}\"}}", time.AddMinutes(-1), time.AddMinutes(1))), lines => lines.Count >= 20,
            TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(500), () => shipped.Promtail.Everything);
        found.Count.ShouldBe(20);
    }

    [Fact]
    public void WhatIsOlderThanTheSchemaIsTooOldBeforeTheSchemaIsAsked()
    {
        var loki = File.ReadAllText(Repository.PathOf("deploy", "loki", "loki.yml"));
        loki.ShouldContain("\n  reject_old_samples: true\n");
        var hours = Regex.Match(loki, @"\n  reject_old_samples_max_age: (\d+)h\n").Groups[1].Value;
        var age = TimeSpan.FromHours(int.Parse(hours, System.Globalization.CultureInfo.InvariantCulture));
        var from = DateTimeOffset.Parse(Regex.Match(loki, "from: \"([0-9-]+)\"").Groups[1].Value,
            System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal);
        (from + age).ShouldBeLessThan(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        File.ReadAllText(Repository.PathOf("docs", "operating.md"))
            .ShouldContain($"`reject_old_samples_max_age: {hours}h`");
    }

    static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", System.Globalization.CultureInfo.InvariantCulture);

    static IEnumerable<string> Lines(string channel, int count, DateTimeOffset first, string source = "some") =>
        Enumerable.Range(1, count).Select(i => System.Text.Encoding.UTF8.GetString(
            Some.Record(i, $"message {i} " + new string('x', 300), channel, source, time: first.AddMilliseconds(i))));
}
