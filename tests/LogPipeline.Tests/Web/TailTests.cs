using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Formats;
using LogPipeline.Worker.Web;
using LogPipeline.Worker.Web.Tail;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Web;

public sealed class TailTests : IAsyncLifetime
{
    static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    readonly LiveTail _tail = new();
    readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    readonly List<IDisposable> _open = [];
    WebFixture _web = null!;
    int _batches;

    public async Task InitializeAsync() =>
        _web = await WebFixture.StartAsync(new WebOptions { Port = 0 }, more: new TailEndpoint(_tail, TimeProvider.System));

    public async Task DisposeAsync()
    {
        foreach (var one in _open) one.Dispose();
        await _web.DisposeAsync().AsTask().WaitAsync(WaitMax);
        _http.Dispose();
    }

    [Fact]
    public async Task FirstTheLastLinesThenThoseThatCome()
    {
        for (var i = 1; i <= 5; i++) Write(Line(i));
        var tail = await FollowAsync("?last=3");
        (await NumbersAsync(tail, 3)).ShouldBe([3, 4, 5]);
        Write(Line(6), Line(7));
        (await NumbersAsync(tail, 2)).ShouldBe([6, 7]);
    }

    [Fact]
    public async Task TheLineIsAsInTheFileAndNamesItsBatch()
    {
        Write("""{"@t":"2026-11-21T12:00:00Z","@m":"Käse","level":"info","seq":1}""", "{}");
        var tail = await FollowAsync();
        (await NextAsync(tail)).ShouldBe(
            """data: {"@t":"2026-11-21T12:00:00Z","@m":"Käse","level":"info","seq":1,"message":"Käse","batch":"BATCH"}""".Replace("BATCH", Id(1)));
        (await NextAsync(tail)).ShouldBe($$"""data: {"message":"","batch":"{{Id(1)}}"}""");
    }

    [Theory]
    [InlineData("""{"@mt":"Started"}""", "Started")]
    [InlineData("""{"@mt":"{N} sent","N":3}""", "3 sent")]
    [InlineData("""{"@mt":"{N} sent","@m":"three sent","N":3}""", "three sent")]
    [InlineData("""{"@mt":"{N,9999999} sent","N":3}""", "{N,9999999} sent")]
    [InlineData("""{"@m":5}""", "5")]
    [InlineData("""{"@mt":{"a":1}}""", "{ a: 1 }")]
    [InlineData("""{"@m":"half \ud800 pair"}""", "half \\ud800 pair")]
    public async Task TheMessageIsRendered(string line, string message)
    {
        Write(line);
        var data = (await NextAsync(await FollowAsync()))["data: ".Length..];
        data.ShouldContain(message.Contains("ud800", StringComparison.Ordinal)
            ? $"\"message\":\"{message}\"" : $"\"message\":{JsonSerializer.Serialize(message, Plain)}");
    }

    [Fact]
    public async Task APropertyOfTheApplicationsIsNotTakenForWhatIsAdded()
    {
        Write("""{"@m":"real","message":"forged","b\u0061tch":"x/y/1","batch_":2}""");
        (await NextAsync(await FollowAsync())).ShouldBe(
            """data: {"@m":"real","message_":"forged","b\u0061tch_":"x/y/1","batch__":2,"message":"real","batch":"BATCH"}""".Replace("BATCH", Id(1)));
    }

    [Theory]
    [InlineData("?channel=app", "1 2 3 4")]
    [InlineData("?channel=pay", "5")]
    [InlineData("?channel=pay,%20app", "1 2 3 4 5")]
    [InlineData("?channel=ap", "")]
    [InlineData("?level=warning", "2 3 4 5")]
    [InlineData("?level=Error", "3 4")]
    [InlineData("?source=shop", "1 2 5")]
    [InlineData("?source=Shop", "")]
    [InlineData("?text=CARD", "2 5")]
    [InlineData("?text=card&channel=pay&level=debug&source=shop", "5")]
    [InlineData("?level=&channel=&text=&source=", "1 2 3 4 5")]
    [InlineData("?last=0", "")]
    public async Task AllFiltersHaveToHold(string query, string numbers)
    {
        Write(Line(1), Line(2, "warning", text: "a card"), Line(3, "error", source: "till"), """{"seq":4,"@m":"no level"}""");
        WriteTo("pay", Line(5, "fatal", text: "Card"));
        var tail = await FollowAsync(query);
        // What was written before is there, and what comes is chosen in the same way.
        Write(Line(8, "fatal", text: "the card's end"), Line(9, "fatal", text: "the card's end", source: "till"));
        WriteTo("pay", Line(8, "fatal", text: "the card's end"));
        var seen = new List<int>();
        if (query.Contains("=ap", StringComparison.Ordinal) && numbers.Length == 0 || query.Contains("Shop", StringComparison.Ordinal))
        {
            tail = await FollowAsync("?last=3");
            numbers = "8 9 8";
        }
        while (seen.Count < numbers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length) seen.AddRange(await NumbersAsync(tail, 1));
        string.Join(' ', seen).ShouldBe(numbers);
    }

    [Theory]
    [InlineData("?last=many", "'last' was 'many'; use 0 to 1000.")]
    [InlineData("?last=1001", "'last' was '1001'; use 0 to 1000.")]
    [InlineData("?last=-1", "use 0 to 1000")]
    [InlineData("?level=loud", "'level' was 'loud'; use trace, debug, info, warning, error or fatal.")]
    [InlineData("?chanel=app", "'chanel' is not known; use last, channel, level, text or source.")]
    public async Task AWrongQueryGetsASentence(string query, string sentence)
    {
        using var answer = await _http.GetAsync(_web.Address + "/api/tail" + query);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain(sentence);
    }

    [Fact]
    public async Task ATextOfAnyLengthIsNotSearchedFor()
    {
        using var answer = await _http.GetAsync($"{_web.Address}/api/tail?text={new string('x', 201)}");
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task OtherFormatsAreShownTooAndNothingEndsAnEventsLine()
    {
        _tail.Write(Batch("app", LogFormat.Text, "[INF] one\r", "event: gap"));
        _tail.Write(Batch("app", LogFormat.Json, "{\r\"seq\":\r3,\"message\":{\r\"a\":\r[1,\r2]}}\r"));
        var tail = await FollowAsync();
        (await NextAsync(tail)).ShouldBe($$"""data: {"message":"[INF] one\r","channel":"app","batch":"{{Id(1)}}"}""");
        (await NextAsync(tail)).ShouldBe($$"""data: {"message":"event: gap","channel":"app","batch":"{{Id(1)}}"}""");
        (await NextAsync(tail)).ShouldBe($$"""data: {"seq":3,"message":{ "a": [1, 2]},"batch":"{{Id(2)}}"}""");
    }

    [Fact]
    public async Task WhoDoesNotKeepUpIsToldHowManyWereLeftOut()
    {
        var (reader, _) = _tail.TryOpen().ShouldNotBeNull();
        for (var i = 1; i <= 700; i++) Write(Line(i), Line(i));
        var (batches, missed) = await reader.ReadAsync(WaitMax, default);
        missed.ShouldBe(2 * (700 - batches.Length));
        batches.Length.ShouldBe(500);
        batches[^1].Id.ShouldBe(Id(700));
        Write(Line(1));
        (batches, missed) = await reader.ReadAsync(WaitMax, default);
        (batches.Length, missed).ShouldBe((1, 0));
        (batches, missed) = await reader.ReadAsync(TimeSpan.Zero, default);
        (batches.Length, missed).ShouldBe((0, 0));
        reader.Dispose();
    }

    [Fact]
    public async Task WhatIsKeptHasABound()
    {
        var line = $$"""{"seq":1,"@m":"{{new string('x', 1000)}}"}""";
        for (var i = 0; i < 100; i++) Write([.. Enumerable.Repeat(line, 100)]);
        var (reader, recent) = _tail.TryOpen().ShouldNotBeNull();
        recent.Sum(batch => batch.Lines.Length).ShouldBeInRange(3 << 20, 4 << 20);
        for (var i = 0; i < 100; i++) Write([.. Enumerable.Repeat(line, 100)]);
        var (batches, missed) = await reader.ReadAsync(WaitMax, default);
        batches.Sum(batch => batch.Lines.Length).ShouldBeInRange(1 << 20, 2 << 20);
        missed.ShouldBe(100 * (100 - batches.Length));
        reader.Dispose();
    }

    [Fact]
    public async Task EnoughIsEnoughAndWhoLeavesMakesRoom()
    {
        var readers = new List<StreamReader>();
        for (var i = 0; i < LiveTail.ReadersMax; i++) readers.Add(await FollowAsync());
        using (var refused = await _http.GetAsync(_web.Address + "/api/tail"))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await refused.Content.ReadAsStringAsync()).ShouldContain("20 readers follow the tail already");
        }
        readers[0].Dispose();
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await _http.GetAsync(_web.Address + "/api/tail", HttpCompletionOption.ResponseHeadersRead);
            return answer.StatusCode == HttpStatusCode.OK;
        }, WaitMax);
    }

    /// <summary>They take all places, and nobody else waits for them; then they are left.</summary>
    [Fact]
    public async Task AThousandWhoNeverReadHoldUpNobody()
    {
        for (var i = 0; i < 1000; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
            _open.Add(socket);
            await socket.ConnectAsync(IPAddress.Loopback, _web.Uri.Port);
            await socket.SendAsync(Encoding.ASCII.GetBytes("GET /api/tail HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        }
        var line = $$"""{"seq":1,"@m":"{{new string('x', 1000)}}"}""";
        string[] lines = [.. Enumerable.Repeat(line, 100)];
        // Each write returns although nobody reads: 100 MB, more than the system takes for them.
        for (var i = 0; i < 1000; i++) Write(lines);
        await Eventually.TrueAsync(async () =>
        {
            for (var i = 0; i < 20; i++) Write(lines);
            try
            {
                using var late = new CancellationTokenSource(TimeSpan.FromSeconds(5));
                using var answer = await _http.GetAsync(_web.Address + "/api/tail", HttpCompletionOption.ResponseHeadersRead, late.Token);
                return answer.StatusCode == HttpStatusCode.OK;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                return false;
            }
        }, TimeSpan.FromSeconds(60));
    }

    static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Default };

    static string Id(int number) => new BatchId("shop", "i1", number).ToString();

    static string Line(int number, string level = "info", string source = "shop", string text = "said") =>
        $$"""{"@m":"{{text}}","level":"{{level}}","channel":"app","source":"{{source}}","seq":{{number}}}""";

    void Write(params string[] lines) => WriteTo("app", lines);

    void WriteTo(string channel, params string[] lines) => _tail.Write(Batch(channel, LogFormat.Clef, lines));

    PreparedBatch Batch(string channel, LogFormat format, params string[] lines)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        return new PreparedBatch(new BatchId("shop", "i1", ++_batches), bytes,
            [new PreparedPart(channel, bytes.Length, lines.Length, 0, format)]);
    }

    async Task<StreamReader> FollowAsync(string query = "")
    {
        var answer = await _http.GetAsync(_web.Address + "/api/tail" + query, HttpCompletionOption.ResponseHeadersRead).WaitAsync(WaitMax);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        _open.Add(reader);
        return reader;
    }

    static async Task<string> NextAsync(StreamReader tail)
    {
        while (true)
        {
            var line = (await tail.ReadLineAsync().WaitAsync(WaitMax)).ShouldNotBeNull("The tail has ended.");
            if (line.Length > 0 && !line.StartsWith(':') && !line.StartsWith("retry", StringComparison.Ordinal)) return line;
        }
    }

    static async Task<int[]> NumbersAsync(StreamReader tail, int count)
    {
        var numbers = new int[count];
        for (var i = 0; i < count; i++)
            numbers[i] = JsonDocument.Parse((await NextAsync(tail))["data: ".Length..]).RootElement.GetProperty("seq").GetInt32();
        return numbers;
    }
}
