using Google.Protobuf;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Publisher;
using LogPipeline.Worker.Cli;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Hosting;
using LogPipeline.Workflows.Configuration;
using Temporalio.Api.Common.V1;

namespace LogPipeline.Tests.Connecting;

/// <summary>Every way to reach Temporal wrongly, for all that reach it: one sentence that says what would do, the right exit code, and
/// nothing lost.</summary>
public sealed class WrongConnectionTests(WrongConnections connections) : IClassFixture<WrongConnections>, IDisposable
{
    static readonly string Program = typeof(LogPipeline.Worker.Hosting.LogWorkerOptions).Assembly.Location;

    readonly TempDirectory _folder = new();

    public static TheoryData<WrongWay> Ways => [.. Enum.GetValues<WrongWay>()];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task TheSinkSaysSoAndItsRecordsGoWhenItIsRight(WrongWay way)
    {
        var wrong = connections.Of(way);
        if (wrong.IsConfiguration)
        {
            Should.Throw<ConfigurationException>(() => Sink(wrong.Given)).Errors.ShouldBe([wrong.Sentence]);
            return;
        }
        await using (var sink = Sink(wrong.Given))
        {
            for (var i = 0; i < 3; i++) sink.Emit(SomeEvent.Of("event {I}", ("I", i)));
            var stats = await SeesAsync(sink, stats => stats.LastError is not null);
            stats.LastError.ShouldBe(wrong.Sentence);
            stats.Balances.ShouldBeTrue();
            stats.Spooled.ShouldBe(3);
            (stats.Breaker == BreakerState.Denied).ShouldBe(!wrong.MayPass);
        }
        MoveToWhatIsRight(wrong, 3);
        await using var right = Sink(wrong.Right);
        await SeesAsync(right, stats => stats is { Accepted: 3, Spooled: 0, LastError: null });
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task SendSaysSoAndTheNextSendTakesItsLinesAlong(WrongWay way)
    {
        var wrong = connections.Of(way);
        await using var first = await RunAsync(["send"], wrong.Given, "one line\n");
        if (wrong.IsConfiguration)
        {
            first.Errors.Trim().ShouldBe(wrong.Sentence);
            first.ExitCode.ShouldBe(78);
            return;
        }
        first.Output.ShouldContain($"Last error: {wrong.Sentence}");
        first.Output.ShouldContain("in the spool          1");
        first.Errors.Split('\n').Count(line => line.Contains(wrong.Sentence, StringComparison.Ordinal)).ShouldBe(1, first.Everything);
        first.ExitCode.ShouldBe(1, first.Everything);
        MoveToWhatIsRight(wrong, 1);
        await using var second = await RunAsync(["send"], wrong.Right, "another\n");
        second.Output.ShouldContain("accepted by Temporal  2");
        second.ExitCode.ShouldBe(0, second.Everything);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task TheWorkerSaysSoOnceAndGoesOnTrying(WrongWay way)
    {
        var wrong = connections.Of(way);
        await using var worker = ChildProcess.Start("dotnet", [Program, "--daemon"], With(wrong.Given), _folder.Path);
        if (wrong.IsConfiguration)
        {
            await worker.EndAsync();
            worker.Errors.Trim().ShouldBe(wrong.Sentence);
            worker.ExitCode.ShouldBe(78);
            return;
        }
        await worker.LineAsync(line => line.Contains(wrong.Said, StringComparison.Ordinal));
        worker.Terminate();
        await worker.EndAsync();
        worker.ExitCode.ShouldBe(0, worker.Everything);
        worker.Output.Split('\n').Count(line => line.Contains(wrong.Said, StringComparison.Ordinal)).ShouldBe(1, worker.Everything);
        worker.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(WrongWay.TlsToPlain)]
    [InlineData(WrongWay.ExpiredCertificate)]
    [InlineData(WrongWay.WrongKey)]
    [InlineData(WrongWay.UnknownNamespace)]
    public async Task AWorkerThatRunsOnceDoesNotWaitForPeople(WrongWay way)
    {
        var wrong = connections.Of(way);
        await using var worker = await RunAsync(["--once"], wrong.Given);
        worker.Output.Split('\n').Count(line => line.Contains(wrong.Said, StringComparison.Ordinal)).ShouldBe(1, worker.Everything);
        worker.ExitCode.ShouldBe(1, worker.Everything);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task TheTestOfTheWaySaysSo(WrongWay way)
    {
        var wrong = connections.Of(way);
        await using var test = await RunAsync(["test-temporal"], wrong.Given);
        if (wrong.IsConfiguration)
        {
            test.Errors.Trim().ShouldBe(wrong.Sentence);
            test.ExitCode.ShouldBe(78);
            return;
        }
        test.Output.ShouldContain(wrong.Found, Case.Sensitive, test.Everything);
        test.Output.ShouldContain("Next: ");
        test.Errors.ShouldBeEmpty();
        test.ExitCode.ShouldBe(1, test.Everything);
    }

    [Theory]
    [InlineData(WrongWay.Refused)]
    [InlineData(WrongWay.ExpiredCertificate)]
    [InlineData(WrongWay.WrongKey)]
    [InlineData(WrongWay.UnknownNamespace)]
    public async Task ADeadLetterThatCannotBeSentAgainStays(WrongWay way)
    {
        var wrong = connections.Of(way);
        var bytes = new Payloads { Payloads_ = { new Payload() } }.ToByteArray();
        var box = new DeadLetterBox(() => new PhysicalDirectory(_folder.File("logs")).Directory(DeadLetterBox.DirectoryName), 100_000);
        box.Write(new DeadLetter(new DeadLetterHead
        {
            Workflow = "logs/some/one/000000000001",
            At = Some.Instant,
            Header = null,
            Parts = [new DeadLetterPart { Index = 0, RecordCount = 1, Length = bytes.Length, Reason = "some",
                Form = DeadLetterForm.Input }],
            Crc = Crc32C.Compute(bytes),
        }, bytes));
        await using var retry = await RunAsync(["dead-letters", "retry", "--all", "--yes"], wrong.Given);
        retry.Errors.Trim().ShouldContain(wrong.Sentence);
        retry.Errors.Trim().Split('\n').Length.ShouldBe(1, retry.Everything);
        retry.ExitCode.ShouldBe(1, retry.Everything);
        box.List().Count.ShouldBe(1);
    }

    /// <summary>What was meant for a wrong address or namespace goes nowhere else until an operator says so.</summary>
    void MoveToWhatIsRight(WrongConnection wrong, int records)
    {
        var spool = new SpoolInventory(new TemporalSinkOptions { SpoolDirectory = _folder.File("spool") }, wrong.Right.GetValueOrDefault);
        var folder = spool.List().ShouldHaveSingleItem();
        folder.IsOwn.ShouldBe(wrong.Given["TEMPORAL_ADDRESS"] == wrong.Right["TEMPORAL_ADDRESS"]
            && wrong.Given.GetValueOrDefault("TEMPORAL_NAMESPACE") == wrong.Right.GetValueOrDefault("TEMPORAL_NAMESPACE"));
        if (!folder.IsOwn) spool.Move(folder.Name).ShouldBe((records, 0));
    }

    TemporalSink Sink(Dictionary<string, string> variables) =>
        new(new TemporalSinkOptions { Source = "wrong", SpoolDirectory = _folder.File("spool") }, environment:
            variables.GetValueOrDefault);

    static Task<PublisherStats> SeesAsync(TemporalSink sink, Func<PublisherStats, bool> condition) =>
        Eventually.GetAsync(() => Task.FromResult(sink.Stats), condition, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(10));

    Task<ChildProcess> RunAsync(string[] arguments, Dictionary<string, string> variables, string? input = null) =>
        ChildProcess.RunAsync("dotnet", [Program, .. arguments], With(variables), _folder.Path, input);

    Dictionary<string, string> With(Dictionary<string, string> variables) => new(variables)
    {
        ["LOG_DIRECTORY"] = _folder.File("logs"),
        ["LOG_SPOOL_DIRECTORY"] = _folder.File("spool"),
    };
}
