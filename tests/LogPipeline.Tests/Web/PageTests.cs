using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Web;

namespace LogPipeline.Tests.Web;

public sealed partial class PageTests : IAsyncLifetime
{
    const int ColumnsMax = 140;
    const int FileLinesMax = 300;

    readonly HttpClient _http = new();
    WebFixture _web = null!;

    // A token is set, and none is sent: the files hold nothing that is secret.
    public async Task InitializeAsync() =>
        _web = await WebFixture.StartAsync(new WebOptions { Port = 0, Token = WebFixture.Token }, more: new PageEndpoints());

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _web.DisposeAsync();
    }

    static IEnumerable<(string Path, string Text)> Files()
    {
        var folder = Repository.PathOf("src/LogWorker/Web/Page");
        return Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => (Path.GetRelativePath(folder, path).Replace('\\', '/'), File.ReadAllText(path)));
    }

    static IEnumerable<(string Path, string Text)> OwnFiles() =>
        Files().Where(file => !file.Path.StartsWith("uplot/", StringComparison.Ordinal));

    [Fact]
    public async Task EachFileIsServedToAnybodyAsWhatItIs()
    {
        var files = Files().ToList();
        files.Count.ShouldBeGreaterThan(20);
        foreach (var (path, text) in files)
        {
            using var answer = await _http.GetAsync($"{_web.Address}/{(path == "index.html" ? "" : path)}");
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            (await answer.Content.ReadAsStringAsync()).ShouldBe(text, path);
            answer.Content.Headers.ContentType!.MediaType.ShouldBe(Path.GetExtension(path) switch
            {
                ".html" => "text/html", ".css" => "text/css", ".js" => "text/javascript", ".svg" => "image/svg+xml", _ => "text/plain",
            });
        }
        (await _http.GetAsync(_web.Address + "/api/stats")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task WhatABrowserHasIsNotSentAgain()
    {
        using var first = await _http.GetAsync(_web.Address + "/main.js");
        first.Headers.CacheControl!.NoCache.ShouldBeTrue();
        first.Headers.CacheControl.NoStore.ShouldBeFalse();
        using var other = await _http.GetAsync(_web.Address + "/dom.js");
        other.Headers.ETag.ShouldNotBe(first.Headers.ETag);
        (await StatusAsync("/main.js", first.Headers.ETag!)).ShouldBe(HttpStatusCode.NotModified);
        (await StatusAsync("/main.js", other.Headers.ETag!)).ShouldBe(HttpStatusCode.OK);
    }

    async Task<HttpStatusCode> StatusAsync(string path, EntityTagHeaderValue known)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _web.Address + path);
        request.Headers.IfNoneMatch.Add(known);
        using var answer = await _http.SendAsync(request);
        return answer.StatusCode;
    }

    [Fact]
    public async Task EverythingThatAFileNamesIsThere()
    {
        var named = Files().SelectMany(file => Reference().Matches(file.Text)
            .Select(match => new Uri(new Uri($"{_web.Address}/{file.Path}"), match.Groups["path"].Value))).Distinct().ToList();
        named.Count.ShouldBeGreaterThan(20);
        foreach (var uri in named)
        {
            using var answer = await _http.GetAsync(uri);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, uri.ToString());
        }
    }

    /// <summary>The page's policy would refuse what is written into it, and no text becomes markup.</summary>
    [Fact]
    public void NothingIsInlineAndNoTextBecomesMarkup()
    {
        foreach (var (path, text) in OwnFiles()) Dangerous().Matches(text).Select(match => $"{path}: {match.Value}").ShouldBeEmpty();
        Dangerous().IsMatch("<p style=\"x\">").ShouldBeTrue();
        Dangerous().IsMatch("place.innerHTML = x").ShouldBeTrue();
    }

    [Fact]
    public void LinesAndFilesFitAScreen()
    {
        OwnFiles().SelectMany(file => file.Text.Split('\n').Select((line, i) => (file.Path, Number: i + 1, line.Length)))
            .Where(line => line.Length > ColumnsMax).ShouldBeEmpty();
        OwnFiles().Where(file => file.Text.Split('\n').Length > FileLinesMax + 1).Select(file => file.Path).ShouldBeEmpty();
    }

    // What src, href, and import name in the page's own folder.
    [GeneratedRegex("""(?:src|href)="(?<path>[^"#:]+)"|^import [^;]*?"(?<path>\./[^"]+)";""", RegexOptions.Multiline)]
    private static partial Regex Reference();

    [GeneratedRegex("""\sstyle=|\son\w+="|<script>|<style|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|javascript:""")]
    private static partial Regex Dangerous();
}
