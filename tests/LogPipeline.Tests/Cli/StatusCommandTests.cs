using System.Text.Json.Nodes;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Options;
using LogPipeline.Tests.Publisher;
using LogPipeline.Tests.Web;
using LogPipeline.Worker.Cli;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Web;
using LogPipeline.Workflows;
using Temporalio.Client;

namespace LogPipeline.Tests.Cli;

/// <summary>The verbs that ask a running worker.</summary>
[Collection(ProcessEnvironment.Collection)]
public sealed class StatusCommandTests : IAsyncLifetime
{
    readonly ProcessEnvironment _environment = new();
    readonly InMemoryDisk _disk = new(TimeProvider.System);
    readonly WorkerBooks _books = new(TimeProvider.System);
    readonly PublisherBooks _publishers = new(TimeProvider.System);
    readonly Readiness _readiness = new("/logs", TimeProvider.System);
    readonly TemporalLink _temporal =
        new(new TemporalClientConnectOptions("temporal:7233") { Namespace = "logs" }, "queue", TimeProvider.System);
    WebFixture _web = null!;

    public async Task InitializeAsync()
    {
        _web = await WebFixture.StartAsync(new WebOptions { Port = 0, Token = WebFixture.Token }, readiness: _readiness,
            more: [new StatsEndpoints(_books, new WorkerIdentity("me", "1.2.3", "abc"), _temporal, _readiness, () => LedgerTotals.None,
                new DeadLetterBox(() => _disk.Root.Directory("letters"), 1 << 20), () => 4096, TimeProvider.System),
                new PublisherEndpoints(_publishers)]);
        _environment.Set("LOG_HTTP_PORT", $"{_web.Uri.Port}");
        _environment.Set("LOG_HTTP_TOKEN", WebFixture.Token);
    }

    public async Task DisposeAsync()
    {
        _environment.Dispose();
        await _web.DisposeAsync();
    }

    static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var code = await LogWorkerCommand.RunAsync(arguments, output, errors);
        return (code, output.ToString().Trim(), errors.ToString().Trim());
    }

    [Fact]
    public async Task HealthIsTheProbesAnswer()
    {
        (await RunAsync("health")).ShouldBe((0, "Batches are written to /logs.", ""));
        _readiness.Failed("No space left on device.");
        var (code, output, errors) = await RunAsync("health");
        (code, output).ShouldBe((1, ""));
        errors.ShouldStartWith("/logs cannot be written since ");
        (await RunAsync("health", "--live")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task StatusIsTheWorkersFiguresAndEndsWithOneWhenSomethingIsWrong()
    {
        _temporal.Failed("Nobody is there.");
        _books.Written(5, 500, 0, 0, TimeSpan.FromSeconds(3));
        var (code, output, errors) = await RunAsync("status", "--output", "json");
        (code, errors).ShouldBe((1, ""));
        JsonNode.Parse(output)!["records"]!["written"]!.GetValue<long>().ShouldBe(5);
        JsonNode.Parse(output)!["publishers"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task StatusNamesThePublishersAndOfAnEarlierWorkerNone()
    {
        _publishers.Reported(SomeReport.Of());
        var (_, output, _) = await RunAsync("status", "--output", "json");
        JsonNode.Parse(output)!["publishers"]![0]!["counts"]!["emitted"]!.GetValue<long>().ShouldBe(10);
        await using var earlier = await WebFixture.StartAsync(new WebOptions { Port = 0, Token = WebFixture.Token },
            more: new StatsEndpoints(_books, new WorkerIdentity("me", "1", "a"), _temporal, _readiness, () => LedgerTotals.None,
                new DeadLetterBox(() => _disk.Root.Directory("letters"), 1 << 20), () => 4096, TimeProvider.System));
        (_, output, _) = await RunAsync("status", "--output", "json", "--url", earlier.Address);
        JsonNode.Parse(output)!["publishers"]!.AsArray().ShouldBeEmpty();
    }

    static readonly DateTimeOffset Now = new(2026, 11, 21, 10, 0, 30, TimeSpan.Zero);

    static IReadOnlyList<PublisherLine> Lines(DateTimeOffset now, params PublisherReport?[] reports)
    {
        var entries = reports.Select(one => new PublisherEntry(one?.Source ?? "old", one?.Instance ?? "i0", one, 5, 0, 0));
        return PublisherLines.Of(new PublishersAnswer([.. entries.Select(PublisherAnswer.Of)]), now);
    }

    [Fact]
    public void APublisherIsALineAndThoseThatLackSomethingStandFirst()
    {
        var well = SomeReport.Of(source: "well") with
        {
            Counts = new PublisherCounts { Emitted = 1_234, InTemporal = 1_234 }, Breaker = new PublisherBreaker { State = "closed" },
        };
        var lines = Lines(Now, well, well with { Source = "gone", Ended = true }, null, SomeReport.Of());
        lines.Select(line => line.Name).ShouldBe(["shop i1", "well i1", "gone i1", "old i0"]);
        lines[0].Text.ShouldBe(
            "10 emitted, 7 taken by Temporal, 5 written here, 2 on its host; reported 30 s ago on host-1 (1.2.3)");
        lines[1].Text.ShouldBe("1,234 emitted, 1,234 taken by Temporal, 5 written here; reported 30 s ago on host-1 (1.2.3)");
        lines[2].Text.ShouldEndWith("; ended 30 s ago on host-1 (1.2.3)");
        lines[3].Text.ShouldBe("5 written here; it tells nothing of itself (an older version, or LOG_REPORT_INTERVAL is 0)");
        lines.Skip(1).ShouldAllBe(line => line.Gaps.Count == 0);
        Lines(Now + TimeSpan.FromDays(2), well with { Ended = true }).Single().ShouldSatisfyAllConditions(
            line => line.Text.ShouldContain("ended 48 h ago"), line => line.Gaps.ShouldBeEmpty());
    }

    [Fact]
    public void EachGapIsASentence()
    {
        var some = SomeReport.Of() with { Spool = new PublisherSpool { Bytes = 1, Oldest = Now - TimeSpan.FromHours(1) } };
        Lines(Now + TimeSpan.FromMinutes(5), some with { Counts = some.Counts with { SetAside = 3, Emitted = 20 } }).Single().Gaps.ShouldBe(
        [
            "1 of its events are lost: 1 shed.",
            "Temporal refuses 3 of its events for good; they are kept on host-1.",
            "Its books do not balance by 7 events: that is a defect of the sink.",
            "It does not reach Temporal (open): Nobody is there.",
            "Nothing was heard of it for 5 min, and it did not say that it ends: it was killed, or does not reach Temporal. "
                + "2 of its events waited on host-1 then, the oldest since 2026-11-21 09:00:30Z.",
        ]);
    }

    [Theory]
    [InlineData(null, "ok", "logs/a/b/000000000001 of 2026-11-21 12:00:00Z came through in 1.50 s; 0 of 1 were missing")]
    [InlineData("Nobody wrote it.", "failed", "logs/a/b/000000000001 of 2026-11-21 12:00:00Z is missing: Nobody wrote it.")]
    public async Task TheDoctorTellsTheWorkersLastCanary(string? problem, string state, string found)
    {
        _environment.Set("LOG_DIRECTORY", "/logs");
        _environment.Set("TEMPORAL_ADDRESS", "127.0.0.1:1");
        _books.Canary(new CanaryResult("logs/a/b/000000000001", new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero))
        {
            AcceptedSeconds = 0.5, WrittenSeconds = 1.5, Problem = problem,
        });
        var checks = JsonNode.Parse((await RunAsync("doctor", "--json")).Output)!["checks"]!.AsArray();
        var canary = checks.Single(check => check!["name"]!.GetValue<string>() == "Canary")!;
        (canary["state"]!.GetValue<string>(), canary["found"]!.GetValue<string>()).ShouldBe((state, found));
        var stats = JsonNode.Parse((await RunAsync("status", "--output", "json")).Output)!["canary"]!;
        (stats["sent"]!.GetValue<long>(), stats["last"]!["writtenSeconds"]!.GetValue<double>()).ShouldBe((1, 1.5));
    }

    [Fact]
    public async Task WhereNoWorkerAnswersThatIsSaidWithItsAddress()
    {
        var port = FreePort.Next();
        foreach (var verb in (string[])["status", "health"])
        {
            var (code, _, errors) = await RunAsync(verb, "--url", $"http://127.0.0.1:{port}");
            code.ShouldBe(1);
            errors.ShouldStartWith($"No worker answers at http://127.0.0.1:{port}/: ");
            errors.ShouldEndWith(". Start it, or name its address with --url.");
        }
    }

    [Fact]
    public async Task AWrongTokenIsSaid()
    {
        _environment.Set("LOG_HTTP_TOKEN", null);
        var (code, _, errors) = await RunAsync("status");
        code.ShouldBe(1);
        errors.ShouldBe($"{_web.Uri} answered 401: Send 'Authorization: Bearer' with the token.");
    }

    [Theory]
    [InlineData("off", null, "LOG_HTTP_PORT is off, so that this worker cannot be asked; name another with --url.")]
    [InlineData("0", null, "LOG_HTTP_PORT is 0, any port; name the one that the worker told at its start with --url.")]
    [InlineData("8234", "ftp://x", "--url is no address; use one such as http://127.0.0.1:8234.")]
    [InlineData("8234", "here", "--url is no address; use one such as http://127.0.0.1:8234.")]
    public async Task WhatCannotBeAskedIsWrongUsage(string port, string? url, string sentence)
    {
        _environment.Set("LOG_HTTP_PORT", port);
        foreach (var verb in (string[])["status", "health"])
            (await RunAsync(url is null ? [verb] : [verb, "--url", url])).ShouldBe((2, "", sentence));
    }

    static readonly StatsAnswer Well = new()
    {
        Worker = new WorkerIdentity("me", "1", "a") { StartedAt = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero) },
        Temporal = new TemporalAnswer("t:7233", "default", "q", true, null, null, 12, null),
        Writer = new WriterAnswer("/logs", true, null, null, 1),
        Records = new RecordsAnswer(6_000, 0, 2, 0), Batches = new BatchesAnswer(5, 0, 0, 0), Bytes = 1, RecordsPerSecond = 461.54,
        Latency = new LatencyAnswer(0.25, 4.237), Ledger = null, IsReadOnly = false, DeadLetters = 0, Volume = [],
    };

    [Fact]
    public void TheFiguresAreToldInWords()
    {
        var report = StatusReport.Of(Well);
        report.Answers.ShouldBe(
        [
            ("flowing", "461.5 records/s over the last minute; 6,000 in 5 batches since 2026-11-21 12:00:00Z"),
            ("lost", "2 records went to dead letters since then; 0 letters are kept"),
            ("late", "250 ms from event to disk at the median, 4.2 s for the slowest twentieth; 12 batches wait in Temporal"),
        ]);
        report.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void EachProblemIsToldWithWhatToDo()
    {
        var since = new DateTimeOffset(2026, 11, 21, 13, 0, 0, TimeSpan.Zero);
        StatusReport.Of(Well with
        {
            Temporal = Well.Temporal with { IsReached = false, Problem = "Nobody is there.", Since = since, PendingBatches = null },
            Writer = Well.Writer with { IsReady = false, Problem = "/logs cannot be written.", Since = since }, DeadLetters = 3,
        }).Problems.ShouldBe(
        [
            "Since 2026-11-21 13:00:00Z: Nobody is there.",
            "/logs cannot be written. Batches wait in Temporal until it can.",
            "3 dead letters are kept; look at them with 'logworker dead-letters list'.",
        ]);
    }
}
