using System.Diagnostics;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Publisher;

/// <summary>
/// However a process ends, short of being killed without warning, its sink is empty: all is in Temporal, or in the spool when Temporal is
/// away.
/// </summary>
public sealed class FlushPathTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>, IDisposable
{
    const int Count = 10;
    const int Nothing = 0;
    static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    readonly TempDirectory _spool = new();
    readonly string _source = $"host{Guid.NewGuid():n}";

    public void Dispose() => _spool.Dispose();

    EndingProgram Host => new(_source, _spool.Path);

    /// <summary>How a program is told to end, what the test does to it, with what exit code it ends, and how many events it logs.</summary>
    public static TheoryData<string, string, int, int> Ways() => new()
    {
        { "dispose", "", 0, Count },
        { "dispose-async", "", 0, Count },
        { "close-and-flush", "", 0, Count },
        { "close-and-flush-async", "", 0, Count },
        { "close-twice", "", 0, Count },
        { "end-of-main", "", 0, Count },
        { "exit", "", 7, Count },
        { "unhandled", "", 134, Count },
        { "unhandled-on-thread", "", 134, Count },
        { "signal", "TERM", 143, Count },
        { "signal", "INT", 130, Count },
        { "signal", "HUP", 129, Count },
        { "signal", "QUIT", 131, Count },
        { "own-handler", "INT", 0, Count + 1 },
        { "host", "TERM", 0, Count },
        { "host", "INT", 0, Count },
        { "host-of-serilog", "TERM", 0, Count },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task WhatWasLoggedIsInTemporalWhenTheProcessHasEnded(string way, string signal, int exitCode, int count)
    {
        await RunAsync(way, signal, exitCode, server.Address, closeTimeout: TimeSpan.FromSeconds(20));
        (await SentRecords.NumbersAsync(server.Address, _source)).ShouldBe(Enumerable.Range(1, count));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task WhatWasLoggedIsInTheSpoolWhenTheProcessHasEndedAndTemporalIsAway(string way, string signal, int exitCode, int count)
    {
        await using var temporal = new TcpProxy(server.Address);
        temporal.Set(Link.Refused);
        await RunAsync(way, signal, exitCode, temporal.Address, CloseTimeout);
        await ShouldBeInTheSpoolAsync(temporal, count);
    }

    [Theory]
    [InlineData("dispose", "", 0, Count)]
    [InlineData("end-of-main", "", 0, Count)]
    [InlineData("unhandled", "", 134, Count)]
    [InlineData("signal", "TERM", 143, Count)]
    [InlineData("own-handler", "INT", 0, Count + 1)]
    [InlineData("host", "TERM", 0, Count)]
    public async Task ATemporalThatNeverAnswersKeepsNoProcessBeyondTheCloseTimeout(string way, string signal, int exitCode, int count)
    {
        await using var temporal = new TcpProxy(server.Address);
        temporal.Set(Link.BlackHoled);
        var took = await RunAsync(way, signal, exitCode, temporal.Address, CloseTimeout);
        // The host's flush and its close are two waits; a start that was not given up would take two minutes.
        took.ShouldBeLessThan(TimeSpan.FromSeconds(30));
        await ShouldBeInTheSpoolAsync(temporal, count);
    }

    async Task<TimeSpan> RunAsync(string way, string signal, int exitCode, string address, TimeSpan closeTimeout)
    {
        await using var host = Host.Start(way, Count, address, closeTimeout);
        await host.LineAsync(line => line == "logged");
        var watch = Stopwatch.StartNew();
        switch (signal)
        {
            case "TERM": host.Terminate(); break;
            case "INT": host.Interrupt(); break;
            case "HUP": host.HangUp(); break;
            case "QUIT": host.Quit(); break;
        }
        await host.EndAsync();
        host.ExitCode.ShouldBe(exitCode, host.Everything);
        return watch.Elapsed;
    }

    /// <summary>The next process with this spool sends what it finds.</summary>
    async Task ShouldBeInTheSpoolAsync(TcpProxy temporal, int count)
    {
        temporal.Set(Link.Passing);
        (await SentRecords.NumbersAsync(server.Address, _source)).ShouldBeEmpty();
        await using var next = Host.Start("close-and-flush-async", Nothing, temporal.Address, TimeSpan.FromSeconds(20));
        await next.EndAsync();
        next.ExitCode.ShouldBe(0, next.Everything);
        (await SentRecords.NumbersAsync(server.Address, _source)).ShouldBe(Enumerable.Range(1, count), next.Everything);
    }
}
