using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using Temporalio.Client;
using static Microsoft.Playwright.Assertions;

namespace LogPipeline.EndToEnd.Page;

/// <summary>From the logger to the page and from a click to the file, with nothing faked between.</summary>
[Collection(PageCollection.Name)]
public sealed class PageWholeWayTests(WorkerWithPage worker)
{
    static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    [SkippableFact]
    public async Task WhatIsLoggedIsInTheTailAndInTheChannelsAndTheBooksBalance()
    {
        worker.SkipIfMissing();
        var channel = Some.Name("channel");
        await using var visit = await worker.VisitAsync();
        await visit.OpenAsync();
        worker.Logger.ForContext("channel", channel).Warning("Card of {Customer} was declined", "<b>Ada</b>");
        await Eventually.GetAsync(visit.MessagesAsync, messages => messages.Any(message => message.Contains("<b>Ada</b>")), WaitMax,
            explain: () => worker.WorkerSaid);
        await Expect(visit.Id("channel-table")).ToContainTextAsync(channel, new() { Timeout = 15_000 });
        await visit.Page.Locator($"#channel-chips .chip:text-is('{channel}')").ClickAsync();
        await Eventually.GetAsync(visit.MessagesAsync, messages => messages.Count == 1, WaitMax);
        await visit.Page.Locator(".row.warning:visible").ClickAsync();
        await Expect(visit.Id("record")).ToContainTextAsync("Customer");
        await visit.Page.Keyboard.PressAsync("Escape");
        await Expect(visit.Page.Locator("#books .who")).ToContainTextAsync("shop", new() { Timeout = 15_000 });
        await Expect(visit.Page.Locator("#books .gap")).ToHaveCountAsync(0);
        visit.Complaints.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task ADeadLetterThatIsRetriedByAClickLandsInItsFile()
    {
        worker.SkipIfMissing();
        var id = await MakeLetterAsync();
        await using var visit = await worker.VisitAsync();
        await visit.OpenAsync($"?letters={id.Source}");
        var reason = visit.Page.Locator("#letters .reason button");
        await Expect(reason).ToContainTextAsync("belongs to another batch", new() { Timeout = 15_000 });
        await reason.ClickAsync();
        await Expect(visit.Page.Locator("#letters pre")).ToContainTextAsync("Event 2");
        Lines().ShouldBe(2);
        await visit.Page.Locator("#letters .actions button", new() { HasText = "Retry" }).ClickAsync();
        await Expect(visit.Id("toasts")).ToContainTextAsync("sent again as logs/");
        await Expect(visit.Id("letters")).ToContainTextAsync("No dead letter matches.");
        await Eventually.GetAsync(() => Task.FromResult(Lines()), lines => lines == 3, WaitMax, explain: () => worker.WorkerSaid);
        visit.Complaints.ShouldBeEmpty();

        int Lines() => WrittenRecord.ReadChannel(worker.LogDirectory, "app").Count(record => record.Source == id.Source);
    }

    [SkippableFact]
    public async Task ADeadLetterIsPurgedOnlyByWhoeverSaysSoTwice()
    {
        worker.SkipIfMissing();
        var id = await MakeLetterAsync();
        await using var visit = await worker.VisitAsync();
        await visit.OpenAsync($"?letters={id.Source}");
        await visit.Page.Locator("#letters .danger").ClickAsync();
        await visit.Page.Locator("#question button", new() { HasText = "Cancel" }).ClickAsync();
        await Expect(visit.Page.Locator("#letters tbody tr")).ToHaveCountAsync(1);
        await visit.Page.Locator("#letters .danger").ClickAsync();
        await visit.Page.Locator("#question .danger").ClickAsync();
        await Expect(visit.Id("letters")).ToContainTextAsync("No dead letter matches.");
    }

    /// <summary>Sends a batch with a record that cannot be written, and waits for its letter.</summary>
    async Task<BatchId> MakeLetterAsync()
    {
        var client = await TemporalClient.ConnectAsync(new(worker.Temporal.Address));
        var id = new BatchId(Some.Name("poison"), "i1", 1);
        var (batch, _) = await PoisonBatch.StartAsync(client, id, PipelineDefaults.TaskQueue);
        (await batch.GetResultAsync<WriteReceipt>()).DeadLettered.ShouldBe(1);
        return id;
    }
}
