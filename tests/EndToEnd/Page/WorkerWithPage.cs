using LogPipeline.EndToEnd.Support;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using Microsoft.Playwright;
using Serilog;
using Serilog.Core;
using TemporalDevServer;

namespace LogPipeline.EndToEnd.Page;

/// <summary>
/// One worker in its own process with its page, an embedded server that it reaches through a proxy, a logger, and Chromium,
/// for all tests of the page.
/// </summary>
public sealed class WorkerWithPage : IAsyncLifetime
{
    const string Chromium = "/usr/bin/chromium";

    readonly TempDirectory _directory = new();
    readonly int _port = FreePort.Next();
    IPlaywright? _playwright;
    IBrowser? _browser;
    ChildProcess? _worker;

    internal DevServer Temporal { get; private set; } = null!;
    internal TcpProxy Proxy { get; private set; } = null!;
    internal Logger Logger { get; private set; } = null!;
    internal string LogDirectory => _directory.File("logs");
    internal string Address => $"http://127.0.0.1:{_port}";
    internal string WorkerSaid => _worker?.Everything ?? "";

    /// <summary>For tests marked <c>[SkippableFact]</c>.</summary>
    internal void SkipIfMissing() => Skip.If(_browser is null, $"This needs the program {Chromium}.");

    public async Task InitializeAsync()
    {
        if (!File.Exists(Chromium)) return;
        Directory.CreateDirectory(LogDirectory);
        Temporal = await DevServer.StartAsync();
        Proxy = new TcpProxy(Temporal.Address);
        _worker = WorkerProgram.StartDaemon(Proxy.Address, LogDirectory,
            new Dictionary<string, string> { ["LOG_HTTP_PORT"] = $"{_port}", ["LOG_TEMPORAL_UI_URL"] = "http://ui.example:8233/" });
        Logger = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(new TemporalSink(new TemporalSinkOptions
        {
            Address = Temporal.Address, Source = "shop", SpoolDirectory = _directory.File("spool"),
            FlushInterval = TimeSpan.FromMilliseconds(200),
        }, ignoreEnvironment: true)).CreateLogger();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox"] });
        await Eventually.TrueAsync(() => LocalPort.IsOpenAsync(_port), TimeSpan.FromSeconds(30), explain: () => WorkerSaid);
    }

    /// <summary>A visit with nothing kept from others.</summary>
    internal async Task<PageVisit> VisitAsync(BrowserNewContextOptions? options = null) =>
        new(await _browser!.NewContextAsync(options), Address);

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (Logger is not null) await Logger.DisposeAsync();
        if (_worker is not null) await _worker.DisposeAsync();
        if (Proxy is not null) await Proxy.DisposeAsync();
        if (Temporal is not null) await Temporal.DisposeAsync();
        _directory.Dispose();
    }
}

/// <summary>The tests of the page share a worker.</summary>
[CollectionDefinition(Name)]
public sealed class PageCollection : ICollectionFixture<WorkerWithPage>
{
    public const string Name = "page";
}
