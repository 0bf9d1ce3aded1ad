using System.Net;
using System.Text.Json;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Web;
using LogPipeline.Worker.Web.Letters;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Client;

namespace LogPipeline.Tests.Web;

public sealed class LetterTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>, IAsyncLifetime
{
    static readonly DateTimeOffset Start = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    readonly string _queue = Some.Name("letters");
    readonly InMemoryDisk _disk = new();
    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    DeadLetterBox _box = null!;
    TemporalLink _link = null!;
    WebFixture _web = null!;

    public async Task InitializeAsync()
    {
        _box = new DeadLetterBox(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 20);
        _web = await StartAsync(isReadOnly: false);
        _http.DefaultRequestHeaders.Add("X-Requested-With", "logworker");
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _web.DisposeAsync();
    }

    [Fact]
    public async Task ALetterIsListedWithWhatItsHeadTells()
    {
        var letter = Put(7, "No good.", Start);
        var one = (await GetAsync("")).GetProperty("letters")[0];
        one.GetProperty("id").GetString().ShouldBe(letter);
        one.GetProperty("workflow").GetString().ShouldBe("logs/shop/i1/000000000007");
        one.GetProperty("source").GetString().ShouldBe("shop");
        one.GetProperty("instance").GetString().ShouldBe("i1");
        one.GetProperty("first").GetInt64().ShouldBe(7);
        one.GetProperty("records").GetInt32().ShouldBe(2);
        one.GetProperty("channel").GetString().ShouldBe("app");
        one.GetProperty("reason").GetString().ShouldBe("No good.");
        one.GetProperty("at").GetDateTimeOffset().ShouldBe(Start);
        one.GetProperty("isRetried").GetBoolean().ShouldBeFalse();
        one.GetProperty("workflowUrl").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task PagesFollowEachOtherNewestFirstThoughTheLastOneIsGone()
    {
        var names = Enumerable.Range(1, 7).Select(i => Put(i, i % 2 == 0 ? "even" : "odd", Start.AddMinutes(i))).Reverse().ToList();
        var first = await GetAsync("?limit=3");
        Ids(first).ShouldBe(names[..3]);
        first.GetProperty("total").GetInt32().ShouldBe(7);
        _box.Remove(names[2]);
        Put(8, "new", Start.AddHours(1));
        var second = await GetAsync($"?limit=3&after={first.GetProperty("next").GetString()}");
        Ids(second).ShouldBe(names[3..6]);
        var last = await GetAsync($"?limit=3&after={second.GetProperty("next").GetString()}");
        Ids(last).ShouldBe(names[6..]);
        last.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);
        var found = await GetAsync("?search=EVEN&limit=2");
        found.GetProperty("total").GetInt32().ShouldBe(3);
        Ids(found).ShouldBe([names[1], names[3]]);
    }

    [Theory]
    [InlineData("?limit=0", "'limit' was '0'; use 1 to 500.")]
    [InlineData("?limit=501", "use 1 to 500")]
    [InlineData("?after=x", "'after' is not known; use 'next' of an answer as it is.")]
    [InlineData("?after=5~../../etc/passwd.dead", "'after' is not known")]
    [InlineData("?serach=x", "'serach' is not known; use search, after or limit.")]
    public async Task AWrongQueryGetsASentence(string query, string sentence)
    {
        using var answer = await _http.GetAsync(_web.Address + "/api/dead-letters" + query);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain(sentence);
    }

    [Fact]
    public async Task OneIsShownWithItsRecordsWithinBounds()
    {
        var small = await GetAsync("/" + Put(1, "No good.", Start));
        small.GetProperty("reason").GetString().ShouldBe("No good.");
        small.GetProperty("isCut").GetBoolean().ShouldBeFalse();
        small.GetProperty("parts")[0].GetProperty("reason").GetString().ShouldBe("No good.");
        string.Concat(small.GetProperty("lines").EnumerateArray().Select(line => line.GetString())).ShouldContain("\"seq\":2");
        var large = Letter(2, "Long.", Start, Enumerable.Range(1, 20).Select(_ => Encoding.UTF8.GetBytes(new string('x', 20_000) + "\n")));
        _box.Write(large);
        var shown = await GetAsync("/" + large.Name);
        shown.GetProperty("isCut").GetBoolean().ShouldBeTrue();
        shown.GetProperty("lines").EnumerateArray().Sum(line => line.GetString()!.Length).ShouldBe(256 * 1024);
    }

    [Fact]
    public async Task ADamagedOneIsListedWithItsProblemAndNotShown()
    {
        Put(1, "Sound.", Start);
        using (var file = _disk.Root.Directory(DeadLetterBox.DirectoryName).Open("bad.dead", StoreOpen.New)) file.Write("{}"u8, 0);
        var letters = await GetAsync("");
        Ids(letters)[1].ShouldBe("bad.dead");
        letters.GetProperty("letters")[1].GetProperty("problem").GetString()!.ShouldContain("bad.dead is no dead letter");
        using var shown = await _http.GetAsync(_web.Address + "/api/dead-letters/bad.dead");
        shown.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Theory]
    [InlineData("x.dead")]
    [InlineData("..%2fsecret.dead")]
    [InlineData("%2e%2e%2fsecret.dead")]
    [InlineData("..%5csecret.dead")]
    [InlineData("link.dead")]
    [InlineData("shop.dead%00")]
    [InlineData("%e2%82%ac.dead")]
    public async Task WhatIsNoLettersNameHasNone(string id)
    {
        Put(1, "Sound.", Start);
        using (var file = _disk.Root.Open("secret.dead", StoreOpen.New)) file.Write("secret"u8, 0);
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Get, ""), (HttpMethod.Delete, ""), (HttpMethod.Post, "/retry")])
        {
            using var request = new HttpRequestMessage(method, $"{_web.Address}/api/dead-letters/{id}{path}");
            using var answer = await _http.SendAsync(request);
            ((int)answer.StatusCode).ShouldBeOneOf(400, 404, 405);
            (await answer.Content.ReadAsStringAsync()).ShouldNotContain("secret");
        }
        _disk.Root.Exists("secret.dead").ShouldBeTrue();
        _box.Count.ShouldBe(1);
    }

    [Fact]
    public async Task ARetriedOneIsAWorkflowAndGone()
    {
        var name = Put(1, "No good.", DateTimeOffset.UtcNow);
        (await ChangeAsync(HttpMethod.Post, $"/{name}/retry")).ShouldBe((503,
            "It was not sent and stays: The worker has not connected to Temporal yet."));
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        _link.Connected(client);
        var (status, answer) = await ChangeAsync(HttpMethod.Post, $"/{name}/retry");
        status.ShouldBe(200);
        var sent = JsonDocument.Parse(answer).RootElement;
        sent.GetProperty("id").GetString().ShouldBe(name);
        (await client.GetWorkflowHandle(sent.GetProperty("batch").GetString()!).DescribeAsync()).TaskQueue.ShouldBe(_queue);
        _box.Count.ShouldBe(0);
        (await ChangeAsync(HttpMethod.Post, $"/{name}/retry")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task APurgedOneIsGone()
    {
        var name = Put(1, "No good.", Start);
        Ids(await GetAsync("")).ShouldBe([name]);
        (await ChangeAsync(HttpMethod.Delete, "/" + name)).ShouldBe((200, $$"""{"id":"{{name}}"}"""));
        Ids(await GetAsync("")).ShouldBeEmpty();
        (await ChangeAsync(HttpMethod.Delete, "/" + name)).Status.ShouldBe(404);
    }

    /// <summary>A page elsewhere can send both without asking.</summary>
    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task AFormChangesNothing(string type)
    {
        var name = Put(1, "No good.", Start);
        using var http = new HttpClient();
        using var content = new StringContent("{}", Encoding.UTF8, type);
        using var answer = await http.PostAsync($"{_web.Address}/api/dead-letters/{name}/retry", content);
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var purged = await http.DeleteAsync($"{_web.Address}/api/dead-letters/{name}");
        purged.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        _box.Count.ShouldBe(1);
    }

    [Fact]
    public async Task WhatIsReadOnlyShowsAllAndChangesNothing()
    {
        var name = Put(1, "No good.", Start);
        await _web.DisposeAsync();
        _web = await StartAsync(isReadOnly: true);
        Ids(await GetAsync("")).ShouldBe([name]);
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Delete, ""), (HttpMethod.Post, "/retry")])
            (await ChangeAsync(method, $"/{name}{path}")).ShouldBe((403,
                "This worker changes nothing for callers, as LOG_HTTP_READ_ONLY is set."));
        _box.Count.ShouldBe(1);
    }

    async Task<WebFixture> StartAsync(bool isReadOnly)
    {
        var connection = new TemporalClientConnectOptions(temporal.Address) { Namespace = "default" };
        _link = new TemporalLink(connection, _queue, TimeProvider.System);
        var retry = new LetterRetry(_box, new PipelineCodec(KeyRing.Empty, 0), _queue);
        return await WebFixture.StartAsync(more: new LetterEndpoints(_box, retry, _link, connection, new ChangeGuard(isReadOnly),
            NullLogger<LetterEndpoints>.Instance));
    }

    string Put(long first, string reason, DateTimeOffset at)
    {
        var letter = BatchSalvage.Whole(new BatchId("shop", "i1", first).ToString(), SomeBatch.Of((int)first, "app", "app").Header,
            SomeBatch.Of(1, "app", "app").Array, reason, at);
        _box.Write(letter);
        return letter.Name;
    }

    static DeadLetter Letter(long first, string reason, DateTimeOffset at, IEnumerable<byte[]> lines)
    {
        byte[] bytes = [.. lines.SelectMany(line => line)];
        return new DeadLetter(new DeadLetterHead
        {
            Workflow = new BatchId("shop", "i1", first).ToString(), At = at, Header = null, Crc = Crc32C.Compute(bytes),
            Parts = [new DeadLetterPart { Index = 0, RecordCount = 1, Length = bytes.Length, Reason = reason }],
        }, bytes);
    }

    async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(_web.Address + "/api/dead-letters" + path);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return JsonDocument.Parse(text).RootElement;
    }

    async Task<(int Status, string Text)> ChangeAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, _web.Address + "/api/dead-letters" + path);
        using var answer = await _http.SendAsync(request);
        return ((int)answer.StatusCode, (await answer.Content.ReadAsStringAsync()).TrimEnd());
    }

    static List<string> Ids(JsonElement answer) =>
        [.. answer.GetProperty("letters").EnumerateArray().Select(letter => letter.GetProperty("id").GetString()!)];
}
