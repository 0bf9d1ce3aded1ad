using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using Temporalio.Client;

namespace LogPipeline.Tests.Publisher;

/// <summary>Where the options say that batches go: the task queue, the spool's directory, and the directory of final files.</summary>
public sealed class SinkDestinationTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>, IDisposable
{
    readonly TempDirectory _folder = new();
    readonly string _source = $"to{Guid.NewGuid():n}";

    public void Dispose() => _folder.Dispose();

    TemporalSinkOptions Options => new()
    {
        Address = server.Address, Source = _source, SpoolDirectory = _folder.File("spool"),
        Timeouts = { Close = TimeSpan.FromSeconds(20) },
    };

    async Task<string?> TaskQueueAsync(TemporalSinkOptions options, Func<string, string?>? environment = null)
    {
        var sink = new TemporalSink(options, ignoreEnvironment: environment is null, environment);
        sink.Emit(SomeEvent.Of("x"));
        await sink.DisposeAsync();
        var client = await TemporalClient.ConnectAsync(new(server.Address));
        var found = new List<string?>();
        await foreach (var run in client.ListWorkflowsAsync($"WorkflowType = '{PipelineDefaults.WorkflowName}'"))
            if (BatchId.TryParse(run.Id, out var id) && id.Source == _source) found.Add(run.TaskQueue);
        return found.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task ABatchWaitsOnTheDefaultTaskQueue() => (await TaskQueueAsync(Options)).ShouldBe("log-processing-queue");

    [Fact]
    public async Task ABatchWaitsOnTheTaskQueueOfTheOptions() =>
        (await TaskQueueAsync(Options with { TaskQueue = "elsewhere" })).ShouldBe("elsewhere");

    [Fact]
    public async Task TheTaskQueueOfTheEnvironmentWins() =>
        (await TaskQueueAsync(Options with { TaskQueue = "elsewhere" }, name => name == "LOG_TASK_QUEUE" ? "there" : null))
            .ShouldBe("there");

    [Fact]
    public async Task WhatWaitsIsInTheSpoolDirectoryAndANextProcessWithItSendsIt()
    {
        await using var temporal = new TcpProxy(server.Address);
        temporal.Set(Link.Refused);
        var away = Options with { Address = temporal.Address, SpoolDirectory = _folder.File("a", "b"),
            Timeouts = Options.Timeouts with { Close = TimeSpan.Zero } };
        await using (var sink = new TemporalSink(away, ignoreEnvironment: true)) sink.Emit(SomeEvent.Of("{Number}", ("Number", 7)));
        Directory.GetFiles(Path.Combine(SpoolFolder.Of(_folder.File("a", "b")), "0")).ShouldContain(file => file.EndsWith(".records"));
        (await SentRecords.OfAsync(server.Address, _source)).ShouldBeEmpty();

        temporal.Set(Link.Passing);
        await using (var other = new TemporalSink(Options with { Address = temporal.Address }, ignoreEnvironment: true))
            await other.FlushAsync();
        (await SentRecords.OfAsync(server.Address, _source)).ShouldBeEmpty("it lies in another directory");

        await using (var next = new TemporalSink(away with { Timeouts = Options.Timeouts }, ignoreEnvironment: true))
            await Eventually.TrueAsync(() => Task.FromResult(next.Stats is { Adopted: 1, Accepted: 1 }), TimeSpan.FromSeconds(60));
        (await SentRecords.NumbersAsync(server.Address, _source)).ShouldBe([7]);
    }

    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.ProcessSafe)]
    [InlineData(Durability.PowerSafe)]
    public async Task WithFinalFilesThereIsNoSpoolAndEventsWaitInMemoryWhateverIsSet(Durability durability)
    {
        var options = Options with
        {
            Durability = durability,
            Address = "127.0.0.1:1",
            Fallback = Options.Fallback with { Mode = TemporalFallback.WriteFile, Directory = _folder.File("files") },
            Timeouts = Options.Timeouts with { Close = TimeSpan.Zero },
        };
        await using (var sink = new TemporalSink(options, ignoreEnvironment: true))
        {
            sink.Emit(SomeEvent.Of("x"));
            sink.Stats.Spooled.ShouldBe(0);
            await sink.DisposeAsync();
            sink.Stats.WrittenToFiles.ShouldBe(1);
        }
        Directory.Exists(_folder.File("spool")).ShouldBeFalse();
        Directory.GetFiles(_folder.File("files"), "*.clef", SearchOption.AllDirectories).SelectMany(File.ReadAllLines).Count().ShouldBe(1);
    }
}
