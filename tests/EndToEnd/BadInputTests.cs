using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;

namespace LogPipeline.EndToEnd;

/// <summary>
/// Wrong values and unreachable servers, given to the programs as people give them: what they say and what becomes of the lines.
/// </summary>
public sealed class BadInputTests(TemporalServer temporal) : IClassFixture<TemporalServer>
{
    const int Configuration = 78;
    const int Usage = 2;

    [Theory]
    [InlineData("TEMPORAL_ADDRESS", "localhost")]
    [InlineData("TEMPORAL_ADDRESS", "localhost:notaport")]
    [InlineData("LOG_BUFFER_SIZE", "many")]
    [InlineData("LOG_FLUSH_INTERVAL", "soon")]
    [InlineData("LOG_BATCH_BYTES_MAX", "8388608")]
    public async Task AWrongValueEndsSendWithItsNameItsValueAndWhatWouldDo(string variable, string value)
    {
        var run = await WorkerProgram.RunAsync(["send"], new Dictionary<string, string> { [variable] = value }, input: "a line\n");

        run.ExitCode.ShouldBe(Configuration, run.Everything);
        ShouldSay(run, variable, value, "use ");
    }

    [Theory]
    [InlineData("TEMPORAL_ADDRESS", "http://localhost:7233")]
    [InlineData("TEMPORAL_TLS_CLIENT_CERT_PATH", "/nowhere/cert.pem")]
    public async Task AWrongValueEndsTheWorkerAtStart(string variable, string value)
    {
        using var directory = new TempDirectory();
        var run = await WorkerProgram.RunAsync(["--daemon"], new Dictionary<string, string>
        {
            ["LOG_DIRECTORY"] = directory.Path,
            [variable] = value,
        });

        run.ExitCode.ShouldBe(Configuration, run.Everything);
        ShouldSay(run, value);
    }

    [Fact]
    public async Task AllWrongValuesAreToldAtOnce()
    {
        var run = await WorkerProgram.RunAsync(["send"], new Dictionary<string, string>
        {
            ["LOG_BUFFER_SIZE"] = "-1",
            ["LOG_FLUSH_INTERVAL"] = "soon",
            ["TEMPORAL_ADDRESS"] = "nowhere",
        }, input: "a line\n");

        run.ExitCode.ShouldBe(Configuration, run.Everything);
        ShouldSay(run, "LOG_BUFFER_SIZE", "LOG_FLUSH_INTERVAL", "TEMPORAL_ADDRESS");
    }

    [Fact]
    public async Task AnUnknownVerbIsAMistakeInUsage()
    {
        var run = await WorkerProgram.RunAsync(["sned"]);

        run.ExitCode.ShouldBe(Usage, run.Everything);
        ShouldSay(run, "sned");
    }

    [Fact]
    public async Task TestTemporalSaysThatNobodyListensAndWhatToDo()
    {
        var address = $"127.0.0.1:{FreePort.Next()}";
        var run = await WorkerProgram.RunAsync(["test-temporal"], new Dictionary<string, string> { ["TEMPORAL_ADDRESS"] = address });

        run.ExitCode.ShouldBe(1, run.Everything);
        ShouldSay(run, address);
    }

    [SkippableFact]
    public async Task TestTemporalSaysThatTheNamespaceIsNotThere()
    {
        RealServers.SkipIfMissing();
        var run = await WorkerProgram.RunAsync(["test-temporal"], new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = temporal.Address,
            ["TEMPORAL_NAMESPACE"] = "nowhere",
        });

        run.ExitCode.ShouldBe(1, run.Everything);
        ShouldSay(run, "nowhere", "namespace");
    }

    [SkippableFact]
    public async Task TestTemporalSaysThatTheServerSpeaksNoTls()
    {
        RealServers.SkipIfMissing();
        var run = await WorkerProgram.RunAsync(["test-temporal"], new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = temporal.Address,
            ["TEMPORAL_TLS"] = "true",
        });

        run.ExitCode.ShouldBe(1, run.Everything);
        ShouldSay(run, "TLS");
    }

    public static TheoryData<string, string> Obstacles() => new()
    {
        { "TEMPORAL_ADDRESS", "127.0.0.1:1" },
        { "TEMPORAL_NAMESPACE", "nowhere" },
        { "TEMPORAL_TLS", "true" },
    };

    [SkippableTheory]
    [MemberData(nameof(Obstacles))]
    public async Task WhatCannotBeSentWaitsInTheSpoolAndIsSentLater(string variable, string value)
    {
        RealServers.SkipIfMissing();
        using var directory = new TempDirectory();
        var logDirectory = directory.File("logs");
        Directory.CreateDirectory(logDirectory);
        // A source and a channel of its own keep this case's batches apart from those of others on the same server, which a
        // worker that ended before it had answered leaves to the next one.
        var channel = Some.Name("kept");
        var environment = new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = temporal.Address,
            ["LOG_SPOOL_DIRECTORY"] = directory.File("spool"),
            ["LOG_SOURCE"] = Some.Name("obstacle"),
        };

        var first = await WorkerProgram.RunAsync(["send", "--channel", channel],
            new Dictionary<string, string>(environment) { [variable] = value }, "one\ntwo\nthree\n");
        first.ExitCode.ShouldBe(1, first.Everything);
        ShouldSay(first, "in the spool          3", "dropped               0");

        var second = await WorkerProgram.RunAsync(["send", "--channel", channel], environment, "four\n");
        second.ExitCode.ShouldBe(0, second.Everything);
        await using var worker = WorkerProgram.StartDaemon(temporal.Address, logDirectory);
        await Eventually.GetAsync(() => Task.FromResult(WrittenRecord.ReadChannel(logDirectory, channel).Count), lines =>
            lines >= 4, TimeSpan.FromSeconds(60),
            explain: () => worker.Everything);
        WrittenRecord.ReadChannel(logDirectory, channel).Select(record => record.Message).ShouldBe(["one", "two", "three", "four"]);
    }

    // What people are told: every word that helps, and no stack trace.
    static void ShouldSay(ChildProcess run, params string[] words)
    {
        foreach (var word in words) run.Everything.ShouldContain(word, Case.Insensitive);
        run.Everything.ShouldNotContain("   at ", Case.Sensitive);
        run.Everything.ShouldNotContain("Unhandled exception", Case.Insensitive);
    }
}
