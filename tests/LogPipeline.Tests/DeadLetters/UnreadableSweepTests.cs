using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Codecs;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using Microsoft.Extensions.Logging;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;

namespace LogPipeline.Tests.DeadLetters;

/// <summary>The worker ends what nobody can read at once, and what another worker could read when that was waited for.</summary>
public sealed class UnreadableSweepTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>
{
    static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    static readonly DateTimeOffset Now = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);

    readonly InMemoryDisk _disk = new();
    readonly string _queue = Some.Name("sweep");
    // The server dates by the system's clock.
    readonly TestClock _time = new(DateTimeOffset.UtcNow);
    readonly UnreadableSeen _seen = new();
    readonly LinesLogger _log = new();
    TemporalClient _client = null!;

    [Fact]
    public void WhatNobodyCanReadIsEndedAtOnce() =>
        UnreadableSweep.DueAt(ReadableBy.Nobody, Now, Now, TimeSpan.Zero).ShouldBe(Now + UnreadableSweep.AgeMin);

    [Theory]
    [InlineData(nameof(ReadableBy.OtherWorker))]
    [InlineData(nameof(ReadableBy.OtherSettings))]
    public void TheRestIsWaitedForByItsAgeButNotEndedAsSoonAsAWorkerStarts(string name)
    {
        var by = Enum.Parse<ReadableBy>(name);
        UnreadableSweep.DueAt(by, Now, Now - Hour, Hour).ShouldBe(Now + Hour);
        UnreadableSweep.DueAt(by, Now - 9 * Hour, Now, Hour).ShouldBe(Now + UnreadableSweep.UptimeMin);
        UnreadableSweep.DueAt(by, Now - Hour, Now, TimeSpan.FromSeconds(7)).ShouldBe(Now + TimeSpan.FromSeconds(7));
        UnreadableSweep.DueAt(by, Now - 9 * Hour, Now, TimeSpan.Zero).ShouldBe(DateTimeOffset.MaxValue);
    }

    [Fact]
    public async Task EachEndsInItsTimeAndWhatCanBeReadStays()
    {
        var sweep = await ArrangeAsync(Hour);
        var broken = await StartAsync(1, "no batch");
        var newer = await StartAsync(2, new { version = 2 }, new[] { 1 });
        var good = await StartAsync(3, SomeBatch.Of(1, "app").Header, new[] { 1 });

        await sweep.TrySweepAsync(CancellationToken.None);
        (await IsRunningAsync(broken)).ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(20));
        await sweep.TrySweepAsync(CancellationToken.None);
        (await IsRunningAsync(broken)).ShouldBeFalse();
        var letter = Letters().ShouldHaveSingleItem();
        letter.Head!.Workflow.ShouldBe(broken.Id);
        _log.Lines.ShouldHaveSingleItem().Text.ShouldContain($"it is kept in {letter.Name}");

        _time.Advance(TimeSpan.FromMinutes(59));
        await sweep.TrySweepAsync(CancellationToken.None);
        (await IsRunningAsync(newer)).ShouldBeTrue();
        _time.Advance(TimeSpan.FromMinutes(2));
        await sweep.TrySweepAsync(CancellationToken.None);
        (await IsRunningAsync(newer)).ShouldBeFalse();
        Letters().Select(one => one.Head!.Workflow).ShouldBe([broken.Id, newer.Id], ignoreOrder: true);
        (await IsRunningAsync(good)).ShouldBeTrue();
    }

    [Fact]
    public async Task ALetterOfAMissingKeyIsSentAgainAsItWasAndReadWithTheKey()
    {
        var sweep = await ArrangeAsync(Hour);
        var theirs = await TemporalClient.ConnectAsync(new(temporal.Address)
        {
            DataConverter = PipelineCodec.Converter(SomeKeys.Ring($"k1:{SomeKeys.Old}"), 4096),
        });
        await theirs.StartWorkflowAsync(PipelineDefaults.WorkflowName, [SomeBatch.Of(1, "app").Header, new[] { 1 }], Options(1));
        _time.Advance(2 * Hour);
        await sweep.TrySweepAsync(CancellationToken.None);
        _time.Advance(2 * Hour);
        await sweep.TrySweepAsync(CancellationToken.None);
        var name = Letters().ShouldHaveSingleItem().Name;
        var again = RetriedBatch.Of(Box().Read(name), name);
        var input = new Temporalio.Api.Common.V1.Payloads { Payloads_ = { again.Input } };
        UnreadableInput.Judge(input, new PipelineCodec(KeyRing.Empty, 0))!.MissingKey.ShouldBe("k1");
        UnreadableInput.Judge(input, new PipelineCodec(SomeKeys.Ring($"k1:{SomeKeys.Old}"), 0)).ShouldBeNull();
    }

    [Fact]
    public async Task NothingIsAskedUntilSomethingWasMet()
    {
        var sweep = await ArrangeAsync(Hour);
        _seen.TryTake();
        var broken = await StartAsync(1, "no batch");
        _time.Advance(TimeSpan.FromMinutes(1));
        await sweep.TrySweepAsync(CancellationToken.None);
        (await IsRunningAsync(broken)).ShouldBeTrue();
        _seen.Set();
        await sweep.TrySweepAsync(CancellationToken.None);
        (await IsRunningAsync(broken)).ShouldBeFalse();
    }

    [Fact]
    public async Task WithoutRoomForALetterTheBatchWaitsOnAndIsTriedAgain()
    {
        var sweep = await ArrangeAsync(Hour);
        var broken = await StartAsync(1, "no batch");
        _time.Advance(TimeSpan.FromMinutes(1));
        _disk.Fault = operation => operation.Verb == StoreVerb.Write ? new StoreFault(StoreFaultKind.NoSpace) : null;
        await sweep.TrySweepAsync(CancellationToken.None);
        await sweep.TrySweepAsync(CancellationToken.None);
        (await IsRunningAsync(broken)).ShouldBeTrue();
        _log.Lines.ShouldHaveSingleItem().Level.ShouldBe(LogLevel.Warning);
        _disk.Fault = null;
        await sweep.TrySweepAsync(CancellationToken.None);
        (await IsRunningAsync(broken)).ShouldBeFalse();
    }

    async Task<UnreadableSweep> ArrangeAsync(TimeSpan waitMax)
    {
        _seen.Set();
        _client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var batches = new UnreadableBatches(_client, new PipelineCodec(KeyRing.Empty, 0), Box(), _queue, _time);
        return new UnreadableSweep(batches, _seen, waitMax, _log, _time);
    }

    WorkflowOptions Options(int number) => new(new BatchId(_queue, "i1", number).ToString(), _queue);

    Task<WorkflowHandle> StartAsync(int number, params object?[] input) =>
        _client.StartWorkflowAsync(PipelineDefaults.WorkflowName, input, Options(number));

    static async Task<bool> IsRunningAsync(WorkflowHandle workflow) =>
        (await workflow.DescribeAsync()).Status == WorkflowExecutionStatus.Running;

    IReadOnlyList<ListedLetter> Letters() => Box().List();

    DeadLetterBox Box() => new(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 20);
}
