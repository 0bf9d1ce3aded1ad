using System.Diagnostics;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LogPipeline.EndToEnd.Page;

/// <summary>What the page says of the worker: in words, in time, on any screen.</summary>
[Collection(PageCollection.Name)]
public sealed class PageStateTests(WorkerWithPage worker)
{
    static readonly LocatorAssertionsToHaveTextOptions Soon = new() { Timeout = 15_000 };

    [SkippableFact]
    public async Task ItSaysThatRecordsFlowAndNothingIsWrongAndComplainsOfNothing()
    {
        worker.SkipIfMissing();
        await using var visit = await worker.VisitAsync();
        await visit.OpenAsync();
        var before = WrittenRecord.CountLines(worker.LogDirectory);
        for (var i = 0; i < 20; i++) worker.Logger.Information("Order {OrderId} was placed", i);
        await Eventually.TrueAsync(() => Task.FromResult(WrittenRecord.CountLines(worker.LogDirectory) >= before + 20),
            TimeSpan.FromSeconds(30), explain: () => worker.WorkerSaid);
        await Expect(visit.Id("state-words")).ToHaveTextAsync("Flowing", Soon);
        await Expect(visit.Page.Locator("#channel-table th[scope=row]").First).ToHaveTextAsync("app", new() { Timeout = 15_000 });
        await Expect(visit.Id("facts")).ToContainTextAsync(worker.LogDirectory);
        await Expect(visit.Page.Locator("#charts canvas")).ToHaveCountAsync(3);
        await Expect(visit.Id("banner")).ToBeHiddenAsync();
        visit.Complaints.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task ABannerSaysWithinFiveSecondsThatTemporalIsAwayAndGoesWhenItIsBack()
    {
        worker.SkipIfMissing();
        await using var visit = await worker.VisitAsync();
        await visit.OpenAsync();
        await Expect(visit.Page.Locator(".light.good, .light.idle")).ToBeVisibleAsync();
        worker.Proxy.Set(Link.Refused);
        try
        {
            var watch = Stopwatch.StartNew();
            await Expect(visit.Id("banner")).ToBeVisibleAsync(new() { Timeout = 5_000 });
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
            await Expect(visit.Id("banner")).ToContainTextAsync("Temporal is away since");
            await Expect(visit.Id("banner")).ToContainTextAsync("logworker test-temporal");
            await Expect(visit.Id("state-words")).ToHaveTextAsync("Waiting for Temporal");
        }
        finally
        {
            worker.Proxy.Set(Link.Passing);
        }
        await Expect(visit.Id("banner")).ToBeHiddenAsync(new() { Timeout = 5_000 });
    }

    [SkippableTheory]
    [InlineData(1440, 900, "light")]
    [InlineData(1440, 900, "dark")]
    [InlineData(390, 844, "light")]
    [InlineData(390, 844, "dark")]
    [InlineData(320, 640, "light")]
    public async Task ItFitsTheScreenInBothThemes(int width, int height, string theme)
    {
        worker.SkipIfMissing();
        await using var visit = await worker.VisitAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = theme == "dark" ? ColorScheme.Dark : ColorScheme.Light,
        });
        SomeAnswers.Full(visit);
        await visit.OpenAsync();
        await Expect(visit.Page.Locator("#letters tbody tr")).ToHaveCountAsync(1);
        await Expect(visit.Page.Locator("#books li")).ToHaveCountAsync(1);
        (await visit.ScrollsSidewaysAsync()).ShouldBeFalse();
        (await LightnessAsync(visit)).ShouldBe(theme == "light");
        // The page's own choice holds against the system's, and over a reload.
        for (var i = 0; i < (theme == "dark" ? 1 : 2); i++) await visit.Page.Keyboard.PressAsync("t");
        (await LightnessAsync(visit)).ShouldBe(theme == "dark");
        await visit.Page.ReloadAsync();
        (await LightnessAsync(visit)).ShouldBe(theme == "dark");
    }

    static Task<bool> LightnessAsync(PageVisit visit) => visit.Page.EvaluateAsync<bool>(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).every(part => part > 200)");

    [SkippableFact]
    public async Task ABookThatDoesNotBalanceIsSaidFirst()
    {
        worker.SkipIfMissing();
        await using var visit = await worker.VisitAsync();
        SomeAnswers.Full(visit);
        visit.Answer("/api/publishers", SomeAnswers.Publishers(emitted: 100, written: 90, dropped: 3));
        await visit.OpenAsync();
        await Expect(visit.Page.Locator("#problems li").First).ToContainTextAsync("7 events of shop on web-1 are in no place");
        await Expect(visit.Page.Locator("#books .full .gap")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator("#books .part.gap")).ToHaveTextAsync(
            "7 in no place: the application counted them, and nothing else has them");
        await Expect(visit.Id("problems")).ToContainTextAsync("dropped 3 events: 3 queue_full.");
        await Expect(visit.Page.Locator(".figure.bad .value")).ToHaveTextAsync("10");
        visit.Answer("/api/publishers", SomeAnswers.Publishers(emitted: 100, written: 100, dropped: 0));
        await Expect(visit.Page.Locator("#books .full .gap")).ToHaveCountAsync(0);
    }

    [SkippableFact]
    public async Task APartWithoutAnAnswerSaysTheNextStepAndTheOthersGoOn()
    {
        worker.SkipIfMissing();
        await using var visit = await worker.VisitAsync();
        foreach (var path in (string[])["publishers", "channels", "dead-letters", "history", "tail"]) visit.Answer($"/api/{path}", 404);
        await visit.OpenAsync();
        await Expect(visit.Id("books")).ToContainTextAsync("A newer logworker does.");
        await Expect(visit.Id("tail-empty")).ToContainTextAsync("tail -F");
        await Expect(visit.Id("letters")).ToContainTextAsync("logworker dead-letters list");
        await Expect(visit.Id("facts")).ToContainTextAsync(worker.LogDirectory);
        // Nonsense is no answer either.
        foreach (var path in (string[])["publishers", "channels", "dead-letters", "history"]) visit.Answer($"/api/{path}", new { it = 1 });
        await Expect(visit.Id("books")).ToContainTextAsync("not known now");
        await Expect(visit.Id("state-words")).Not.ToHaveTextAsync("Asking the worker");
        visit.Answer("/api/stats", 500);
        await Expect(visit.Id("banner")).ToContainTextAsync("The worker has not answered since");
    }

    [SkippableFact]
    public async Task WhereNothingMayBeChangedTheButtonsGoAndTheReasonIsSaid()
    {
        worker.SkipIfMissing();
        await using var visit = await worker.VisitAsync();
        SomeAnswers.Full(visit);
        visit.Answer("/api/dead-letters/one/retry", 403);
        await visit.OpenAsync();
        await visit.Page.Locator("#letters .actions button").First.ClickAsync();
        await Expect(visit.Id("toasts")).ToContainTextAsync("Refused with 403, for a test.");
        await Expect(visit.Page.Locator("#letters tbody tr")).ToHaveCountAsync(1);
        await Expect(visit.Page.Locator("#letters .actions button")).ToHaveCountAsync(0);
    }

    [SkippableFact]
    public async Task WithATokenItAsksForItAndKeepsItForTheTab()
    {
        worker.SkipIfMissing();
        using var directory = new TempDirectory();
        Directory.CreateDirectory(directory.File("logs"));
        var port = FreePort.Next();
        await using var guarded = WorkerProgram.StartDaemon(worker.Temporal.Address, directory.File("logs"), new Dictionary<string, string>
        {
            ["LOG_HTTP_PORT"] = $"{port}", ["LOG_HTTP_TOKEN"] = "let-me-in-please", ["LOG_HTTP_READ_ONLY"] = "true",
            ["LOG_TASK_QUEUE"] = Some.Name("guarded"),
        });
        await Eventually.TrueAsync(() => LocalPort.IsOpenAsync(port), TimeSpan.FromSeconds(30), explain: () => guarded.Everything);
        await using var visit = await worker.VisitAsync();
        await visit.OpenAsync();
        await visit.Page.GotoAsync($"http://127.0.0.1:{port}/");
        var login = visit.Id("login");
        await Expect(login).ToContainTextAsync("asks for a token");
        await EnterAsync("not-the-right-one");
        await Expect(login).ToContainTextAsync("was not accepted");
        await EnterAsync("let-me-in-please");
        await Expect(login).ToBeHiddenAsync();
        await Expect(visit.Id("facts")).ToContainTextAsync(directory.File("logs"));
        await visit.Page.ReloadAsync();
        await Expect(visit.Id("facts")).ToContainTextAsync(directory.File("logs"));
        await Expect(login).ToBeHiddenAsync();
        await Expect(visit.Id("facts")).ToContainTextAsync("LOG_HTTP_READ_ONLY");
        visit.Page.Url.ShouldNotContain("let-me");

        async Task EnterAsync(string token)
        {
            await visit.Id("token").FillAsync(token);
            await visit.Page.Keyboard.PressAsync("Enter");
        }
    }
}
