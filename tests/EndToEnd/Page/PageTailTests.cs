using LogPipeline.TestSupport;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace LogPipeline.EndToEnd.Page;

/// <summary>The live tail in a browser: filters, pause, keys, hostile text, and many records.</summary>
[Collection(PageCollection.Name)]
public sealed class PageTailTests(WorkerWithPage worker, ITestOutputHelper output)
{
    const int RecordsPerSecond = 5_000;

    [SkippableFact]
    public async Task FiltersHoldTogetherAndAreInTheAddress()
    {
        worker.SkipIfMissing();
        await using var visit = await worker.VisitAsync();
        SomeAnswers.Full(visit);
        await visit.OpenAsync();
        await ShowsAsync(visit, "Order 300 was placed");
        await visit.Page.Keyboard.PressAsync("4");
        await visit.Page.Locator("#channel-chips .chip", new() { HasText = "app" }).ClickAsync();
        await visit.Page.Keyboard.PressAsync("/");
        await visit.Page.Keyboard.TypeAsync("Order 29");
        await ShowsOnlyAsync(visit, "Order 294 was placed");
        visit.Page.Url.ShouldContain("levels=warning");
        visit.Page.Url.ShouldContain("channels=app");
        visit.Page.Url.ShouldContain("text=Order+29");

        // The same address shows the same.
        await visit.Page.ReloadAsync();
        await Expect(visit.Id("tail-text")).ToHaveValueAsync("Order 29");
        await Expect(visit.Page.Locator(".chip.warning")).ToHaveAttributeAsync("aria-pressed", "true");
        await ShowsOnlyAsync(visit, "Order 294 was placed");
        await visit.Id("tail-text").FillAsync("nothing has this");
        await Expect(visit.Id("tail-empty")).ToContainTextAsync("No record matches");
        await visit.Page.Locator("#tail-empty button").ClickAsync();
        await ShowsAsync(visit, "Order 299 was placed");
        visit.Page.Url.ShouldNotContain("?");
    }

    [SkippableFact]
    public async Task WhilePausedNothingMovesAndAfterwardsNothingIsMissing()
    {
        worker.SkipIfMissing();
        await using var visit = await worker.VisitAsync();
        SomeAnswers.Full(visit);
        await visit.OpenAsync();
        await ShowsAsync(visit, "Order 300 was placed");
        await visit.Page.Keyboard.PressAsync("p");
        await Expect(visit.Id("pause")).ToHaveAttributeAsync("aria-pressed", "true");
        visit.Answer("/api/tail", PageVisit.Events(Enumerable.Range(299, 5)
            .Select(i => SomeAnswers.Record(i, "info", "app", $"Order {i} was placed"))));
        // Two of them are here already.
        await Expect(visit.Id("tail-count")).ToContainTextAsync("paused, 3 newer", new() { Timeout = 15_000 });
        (await visit.MessagesAsync()).ShouldNotContain("Order 303 was placed");
        await visit.Page.Keyboard.PressAsync("p");
        await ShowsAsync(visit, "Order 303 was placed");
        (await visit.MessagesAsync()).Distinct().Count().ShouldBe((await visit.MessagesAsync()).Count);
    }

    [SkippableFact]
    public async Task ARecordOpensWholeByClickAndByKeysAndTheSheetNamesTheKeys()
    {
        worker.SkipIfMissing();
        await using var visit = await worker.VisitAsync();
        SomeAnswers.Full(visit);
        var record = SomeAnswers.Record(1, "error", "app", "Order 1 failed");
        record["@x"] = "System.InvalidOperationException: no stock";
        record["Cart"] = new { Total = 6.4 };
        visit.Answer("/api/tail", PageVisit.Events([record, SomeAnswers.Record(2, "info", "app", "Order 2 was placed")]));
        await visit.OpenAsync();
        await visit.Page.Locator(".row.error").ClickAsync();
        var batch = $"logs/shop/{SomeAnswers.Instance}/000000000001";
        foreach (var part in (string[])["Order 1 failed", "no stock", "Cart", "\"Total\": 6.4", batch])
            await Expect(visit.Id("record")).ToContainTextAsync(part);
        await Expect(visit.Page.Locator("#record a")).ToHaveAttributeAsync("href",
            "http://ui.example:8233/namespaces/default/workflows/" + Uri.EscapeDataString(batch));
        await visit.Page.Keyboard.PressAsync("Escape");
        await Expect(visit.Id("record")).ToBeHiddenAsync();
        await visit.Id("rows").FocusAsync();
        await visit.Page.Keyboard.PressAsync("ArrowDown");
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Id("record")).ToContainTextAsync("Order 2 was placed");
        await visit.Page.Keyboard.PressAsync("Escape");
        await visit.Page.Keyboard.PressAsync("?");
        await Expect(visit.Id("keys")).ToContainTextAsync("Pause the tail");
        visit.Complaints.ShouldBeEmpty();
    }

    /// <summary>Frames come on time, and what is held is bounded, as long as it lasts.</summary>
    [SkippableFact]
    public async Task FiveThousandRecordsASecondDoNotHoldThePageUp()
    {
        worker.SkipIfMissing();
        await using var feed = new TailFeed(RecordsPerSecond);
        await using var visit = await worker.VisitAsync();
        visit.Answer("/api/tail", new Uri(feed.Address));
        await visit.OpenAsync();
        await Expect(visit.Id("tail-count")).ToContainTextAsync("2,000 records", new() { Timeout = 15_000 });
        await visit.Id("tail").ScrollIntoViewIfNeededAsync();
        var seconds = LongRuns.Choose(6, 300);
        var before = feed.Sent;
        var p95 = await visit.Page.EvaluateAsync<double>("""
            seconds => new Promise(done => {
              const frames = [];
              let last = performance.now();
              const end = last + 1000 * seconds;
              requestAnimationFrame(function next(now) {
                frames.push(now - last);
                last = now;
                if (now < end) requestAnimationFrame(next);
                else done(frames.sort((a, b) => a - b)[Math.floor(frames.length * 0.95)]);
              });
            })
            """, seconds);
        var sent = feed.Sent - before;
        output.WriteLine($"{sent} records in {seconds} s; 95 of 100 frames within {p95:N1} ms");
        p95.ShouldBeLessThan(50, $"milliseconds a frame; {sent} records in {seconds} s");
        sent.ShouldBeGreaterThan(RecordsPerSecond * seconds / 2L);
        (await visit.Page.Locator("#rows .row").CountAsync()).ShouldBeLessThan(100);
        await visit.Page.RequestGCAsync();
        (await visit.Page.EvaluateAsync<double>("performance.memory.usedJSHeapSize")).ShouldBeLessThan(100e6);
    }

    static Task ShowsOnlyAsync(PageVisit visit, string message) =>
        Eventually.GetAsync(visit.MessagesAsync, messages => messages.SequenceEqual([message]), TimeSpan.FromSeconds(15));

    static Task ShowsAsync(PageVisit visit, string message) =>
        Eventually.GetAsync(visit.MessagesAsync, messages => messages.Contains(message), TimeSpan.FromSeconds(15));
}
