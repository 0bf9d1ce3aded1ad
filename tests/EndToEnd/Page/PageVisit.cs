using System.Text.Json;
using Microsoft.Playwright;

namespace LogPipeline.EndToEnd.Page;

/// <summary>
/// The page in a browser of its own. What its console complains of is kept; <see cref="Answer"/> puts a test's own answer
/// in the place of the worker's.
/// </summary>
sealed class PageVisit(IBrowserContext context, string address) : IAsyncDisposable
{
    static readonly JsonSerializerOptions Camel = new(JsonSerializerDefaults.Web);

    readonly List<string> _complaints = [];
    readonly Dictionary<string, object> _answers = [];

    public IPage Page { get; private set; } = null!;

    /// <summary>Errors, what the content policy refused, and what opened a window of its own.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    /// <summary>Answers a path of the worker with this, as JSON; before <see cref="OpenAsync"/> or later.</summary>
    public void Answer(string path, object answer) => _answers[path] = answer;

    public async Task<PageVisit> OpenAsync(string query = "")
    {
        Page = await context.NewPageAsync();
        Page.SetDefaultTimeout(15_000);
        Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") _complaints.Add(message.Text);
        };
        Page.PageError += (_, error) => _complaints.Add(error);
        Page.Dialog += (_, dialog) =>
        {
            _complaints.Add($"dialog: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
        await Page.RouteAsync(url => _answers.ContainsKey(PathOf(url)), route =>
            _answers[PathOf(route.Request.Url)] switch
            {
                // Server-sent events, which end; the page asks again after a second.
                string events => route.FulfillAsync(new() { ContentType = "text/event-stream", Body = events }),
                int status => route.FulfillAsync(new() { Status = status, Body = $"Refused with {status}, for a test." }),
                Uri elsewhere => route.ContinueAsync(new() { Url = elsewhere.ToString() }),
                var answer => route.FulfillAsync(new()
                {
                    ContentType = "application/json", Body = JsonSerializer.Serialize(answer, Camel),
                }),
            });
        await Page.GotoAsync($"{address}/{query}");
        return this;
    }

    /// <summary>Records as the tail sends them.</summary>
    public static string Events(IEnumerable<object> records) =>
        string.Concat(records.Select(record => $"data: {JsonSerializer.Serialize(record)}\n\n"));

    public ILocator Id(string id) => Page.Locator($"#{id}");

    /// <summary>The messages in sight.</summary>
    public async Task<IReadOnlyList<string>> MessagesAsync() =>
        await Page.Locator("#rows .row:visible .message").AllTextContentsAsync();

    public Task<bool> ScrollsSidewaysAsync() =>
        Page.EvaluateAsync<bool>("document.documentElement.scrollWidth > innerWidth || document.body.scrollWidth > innerWidth");

    public async ValueTask DisposeAsync() => await context.DisposeAsync();

    static string PathOf(string url) => new Uri(url).AbsolutePath;
}
