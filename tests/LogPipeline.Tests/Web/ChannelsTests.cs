using System.Net;
using System.Text.Json;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Web;

namespace LogPipeline.Tests.Web;

public sealed class ChannelsTests : IAsyncLifetime
{
    readonly TestClock _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    readonly InMemoryDisk _disk;
    readonly WorkerBooks _books;
    readonly HttpClient _http = new();
    WebFixture _web = null!;

    public ChannelsTests() => (_disk, _books) = (new InMemoryDisk(_time), new WorkerBooks(_time));

    public async Task InitializeAsync() =>
        _web = await WebFixture.StartAsync(more: new ChannelsEndpoint(_disk.Root, _books, _time));

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _web.DisposeAsync();
    }

    [Fact]
    public async Task AChannelHasItsFilesAndWhatWasWrittenToIt()
    {
        Write("app", "2026-11-20.001.clef", 10);
        Write("app", "2026-11-19.001.clef.gz", 5);
        Write("app", "2026-11-21.001.clef", 20);
        Write("app", "notes.txt", 1000);
        Write("dead-letters", "2026-11-21.001.clef", 1000);
        Write(".ledger", "2026-11-21.001.clef", 1000);
        _books.WrittenOf("app", "info", 3);
        _books.WrittenOf("app", "error", 1);
        _books.WrittenOf("pay", "info", 7);
        (await GetAsync()).GetRawText().ShouldBe("""
            {"total":2,"channels":[
            {"name":"app","files":3,"bytes":35,"oldest":"2026-11-19","newest":"2026-11-21","lastWritten":"2026-11-21T12:00:00+00:00",
            "recordsSinceStart":4,"recordsByLevel":{"info":3,"error":1},"recordsPerSecond":4},
            {"name":"pay","files":0,"bytes":0,"oldest":null,"newest":null,"lastWritten":null,
            "recordsSinceStart":7,"recordsByLevel":{"info":7},"recordsPerSecond":7}]}
            """.ReplaceLineEndings(""));
        // A minute later nothing comes any more.
        _time.Advance(TimeSpan.FromSeconds(61));
        Channel(await GetAsync(), "app").GetProperty("recordsPerSecond").GetDouble().ShouldBe(0);
    }

    [Fact]
    public async Task TheDirectoryIsLookedAtEveryFiveSecondsAtMost()
    {
        Write("app", "2026-11-20.001.clef", 10);
        Channel(await GetAsync(), "app").GetProperty("bytes").GetInt64().ShouldBe(10);
        Write("app", "2026-11-20.002.clef", 10);
        Channel(await GetAsync(), "app").GetProperty("bytes").GetInt64().ShouldBe(10);
        _time.Advance(TimeSpan.FromSeconds(5));
        Channel(await GetAsync(), "app").GetProperty("bytes").GetInt64().ShouldBe(20);
    }

    [Fact]
    public async Task WhatIsNotCountedApartIsNotKnown()
    {
        Write("late", "2026-11-20.001.clef", 10);
        for (var i = 0; i <= WorkerBooks.ChannelsMax; i++) _books.WrittenOf($"c{i}", "info", 1);
        var answer = await GetAsync();
        answer.GetProperty("total").GetInt32().ShouldBe(WorkerBooks.ChannelsMax + 1);
        Channel(answer, "late").GetProperty("recordsSinceStart").ValueKind.ShouldBe(JsonValueKind.Null);
        Channel(answer, "c99").GetProperty("recordsSinceStart").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task AnAnswerHasABound()
    {
        for (var i = 0; i < 1_200; i++) Write($"c{i}", "2026-11-20.001.clef", 1);
        var answer = await GetAsync();
        answer.GetProperty("total").GetInt32().ShouldBe(1_200);
        answer.GetProperty("channels").GetArrayLength().ShouldBe(ChannelsEndpoint.ChannelsMax);
    }

    async Task<JsonElement> GetAsync()
    {
        using var answer = await _http.GetAsync(_web.Address + "/api/channels");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    static JsonElement Channel(JsonElement answer, string name) =>
        answer.GetProperty("channels").EnumerateArray().Single(one => one.GetProperty("name").GetString() == name);

    void Write(string directory, string name, int bytes)
    {
        using var file = _disk.Root.Directory(directory).Open(name, StoreOpen.ExistingOrNew);
        file.Write(new byte[bytes], 0);
    }
}
