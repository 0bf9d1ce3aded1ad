using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LogPipeline.EndToEnd.Page;

/// <summary>Text from outside that would be a script, an element or an address, wherever a page shows text.</summary>
[Collection(PageCollection.Name)]
public sealed class HostileTextTests(WorkerWithPage worker)
{
    static readonly string[] Hostile =
    [
        "<script>window.hit = 1</script>",
        "<img src=x onerror='window.hit = 1'>",
        "<svg onload=window.hit=1>",
        "\"><iframe srcdoc=\"<script>parent.hit = 1</script>\"></iframe>",
        "<a href=\"javascript:window.hit=1\" autofocus onfocus=\"window.hit=1\">x</a>",
        "<style>body { display: none }</style>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=window.hit=1>",
        "javascript:window.hit=1",
        "{{constructor.constructor('window.hit=1')()}}${window.hit=1}",
        "</textarea></title></script><script>window.hit=1</script>",
        "\u202Egnissap\u2028\u2029\u0000\uFFFF<b onmouseover=window.hit=1>x</b>",
        "__proto__",
    ];

    [SkippableFact]
    public async Task ItIsShownAsTextAndDoesNothing()
    {
        worker.SkipIfMissing();
        await using var visit = await worker.VisitAsync();
        SomeAnswers.Full(visit);
        var records = Hostile.Select((text, i) =>
        {
            var record = SomeAnswers.Record(i, i == 0 ? text : "error", text, text, text);
            record["batch"] = text;
            record["@x"] = text;
            record[text] = text;
            record["Nested"] = new Dictionary<string, object> { [text] = text };
            return record;
        }).ToList();
        visit.Answer("/api/tail", PageVisit.Events(records) + "data: " + Hostile[0] + "\n\nevent: gap\ndata: " + Hostile[0] + "\n\n");
        visit.Answer("/api/channels", SomeAnswers.Channels(Hostile));
        visit.Answer("/api/publishers", SomeAnswers.Publishers(9, 3, 1, Hostile[0], Hostile[1]));
        visit.Answer("/api/dead-letters", SomeAnswers.Letters([.. Hostile.Select((text, i) => new
        {
            id = $"{i}", source = text, instance = text, first = text, records = 1, channel = text, reason = text, workflow = text,
            at = text, isRetried = false, workflowUrl = text,
        })]));
        visit.Answer("/api/dead-letters/0", new
        {
            id = "0", lines = Hostile, parts = new[] { new { index = 0, records = 1, reason = Hostile[0] } },
        });
        await visit.OpenAsync($"?text=&levels=&channels={Uri.EscapeDataString(Uri.EscapeDataString(Hostile[1]))}&source=");
        await visit.Page.Keyboard.PressAsync("0");
        await Expect(visit.Page.Locator("#letters tbody tr")).ToHaveCountAsync(Hostile.Length);
        await Expect(visit.Page.Locator(".row .message", new() { HasText = Hostile[1] }).First).ToBeVisibleAsync();
        await visit.Page.Keyboard.PressAsync("p");
        for (var i = 0; i < Hostile.Length; i++)
        {
            await visit.Page.Locator(".row:visible").Nth(i).ClickAsync();
            await Expect(visit.Id("record")).ToContainTextAsync("Properties");
            await visit.Page.Keyboard.PressAsync("Escape");
        }
        await visit.Page.Locator("#letters .reason button").First.ClickAsync();
        await Expect(visit.Page.Locator("#letters pre")).ToContainTextAsync("<svg onload=window.hit=1>");
        await visit.Page.Locator("#letters .danger").First.ClickAsync();
        await Expect(visit.Id("question")).ToContainTextAsync(Hostile[0]);
        await visit.Page.Keyboard.PressAsync("Escape");
        await IsInertAsync(visit);
    }

    static async Task IsInertAsync(PageVisit visit)
    {
        (await visit.Page.EvaluateAsync<object?>("window.hit ?? Object.prototype.hit ?? null")).ShouldBeNull();
        // Scripts are the page's two; no element of any text is there.
        (await visit.Page.Locator("script").CountAsync()).ShouldBe(2);
        (await visit.Page.Locator("main :is(iframe, img, svg, style, math, form, textarea), a[href^=javascript], [onerror], [onload]")
            .CountAsync()).ShouldBe(0);
        visit.Complaints.ShouldBeEmpty();
    }
}
