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

    static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", System.Globalization.CultureInfo.InvariantCulture);

    static IEnumerable<string> Lines(string channel, int count, DateTimeOffset first, string source = "some") =>
        Enumerable.Range(1, count).Select(i => System.Text.Encoding.UTF8.GetString(
            Some.Record(i, $"message {i} " + new string('x', 300), channel, source, time: first.AddMilliseconds(i))));
}
