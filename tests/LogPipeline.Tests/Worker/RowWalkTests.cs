using LogPipeline.TestSupport;
using LogPipeline.Worker.Ordering;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Worker;

public sealed class RowWalkTests
{
    static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(2);
    static readonly TimeSpan LongTime = TimeSpan.FromHours(1);

    readonly TestClock _clock = new();
    readonly Dictionary<BatchId, WaitingBatch> _batches = [];
    readonly HashSet<BatchId> _written = [];
    readonly RowWalk _walk;
    int _asked;

    public RowWalkTests() => _walk = new RowWalk(_written.Contains, _clock);

    [Fact]
    public async Task TheRowGoesBackToTheBatchThatHasNoneBeforeIt()
    {
        Wait(1, 40);
        (await BackAsync(40)).ShouldBe("1-40 after Done");
    }

    [Theory]
    [InlineData(nameof(BatchPlace.Done))]
    [InlineData(nameof(BatchPlace.Lost))]
    [InlineData(nameof(BatchPlace.InHands))]
    public async Task ItEndsBeforeABatchThatDoesNotWait(string name)
    {
        var place = Enum.Parse<BatchPlace>(name);
        Wait(1, 40);
        _batches[Id(20)] = new WaitingBatch(place);
        (await BackAsync(40)).ShouldBe($"21-40 after {place}");
        (await BackAsync(20)).ShouldBe($"none after {place}");
    }

    [Fact]
    public async Task ItEndsBeforeABatchThatIsWrittenWhateverItsWorkflowKnows()
    {
        Wait(1, 40);
        _written.Add(Id(39));
        (await BackAsync(40)).ShouldBe("40-40 after Done");
        _asked.ShouldBe(1);
    }

    [Fact]
    public async Task AWalkThatWasCutShortIsTakenUpWhereItEnded()
    {
        Wait(1, 100);
        (await BackAsync(100, StepTime * 60)).ShouldBe("cut short");
        var before = _asked;
        (await BackAsync(100, StepTime * 60)).ShouldBe("1-100 after Done");
        _asked.ShouldBeInRange(100, before + 41);
    }

    [Fact]
    public async Task ANewerBatchWalksOnlyToWhatIsKnown()
    {
        Wait(1, 100);
        await BackAsync(90);
        _asked = 0;
        (await BackAsync(100)).ShouldBe("1-100 after Done");
        _asked.ShouldBe(10);
    }

    [Fact]
    public async Task WhatWasBroughtIsAskedForAgain()
    {
        Wait(1, 10);
        await BackAsync(10);
        for (var first = 1; first <= 5; first++)
        {
            _walk.Forget(Id(first));
            _batches[Id(first)] = new WaitingBatch(BatchPlace.Done);
        }
        (await BackAsync(10)).ShouldBe("6-10 after Done");
    }

    [Fact]
    public async Task TheRunBeforeIsPartOfTheRow()
    {
        Wait(1, 3);
        var next = new BatchId("shop", "run2", 1);
        _batches[next] = Waiting(next, Id(3));
        var row = (await _walk.BackAsync(FindAsync, next, LongTime)).ShouldNotBeNull().Row;
        row.ShouldBe([Id(1), Id(2), Id(3), next]);
    }

    [Fact]
    public async Task ARowThatLeadsBackToItselfIsTakenForOneThatBeginsSomewhere()
    {
        Wait(1, 3);
        _batches[Id(1)] = Waiting(Id(1), Id(3));
        var (row, place, _) = (await _walk.BackAsync(FindAsync, Id(3), LongTime)).ShouldNotBeNull();
        row.ShouldBe([Id(1), Id(2), Id(3)]);
        _asked.ShouldBe(3);
        place.ShouldBe(BatchPlace.Lost);
    }

    static BatchId Id(long first) => new("shop", "run1", first);

    static WaitingBatch Waiting(BatchId id, BatchId? previous) => new(BatchPlace.Waiting, new LogBatchHeader
    {
        Source = id.Source, Instance = id.Instance, FirstSequence = id.FirstSequence, LastSequence = id.FirstSequence,
        Previous = previous?.ToString(),
        RecordCount = 1, Bytes = 1, From = default, To = default, Levels = new Dictionary<string, int>(),
        Channels = new Dictionary<string, int>(),
    });

    void Wait(long from, long to)
    {
        for (var first = from; first <= to; first++) _batches[Id(first)] = Waiting(Id(first), first == 1 ? null : Id(first - 1));
    }

    Task<WaitingBatch> FindAsync(BatchId id)
    {
        _asked++;
        _clock.Advance(StepTime);
        return Task.FromResult(_batches[id]);
    }

    async Task<string> BackAsync(long last, TimeSpan? timeMax = null)
    {
        if (await _walk.BackAsync(FindAsync, Id(last), timeMax ?? LongTime) is not var (row, before, _)) return "cut short";
        var firsts = row.Select(id => id.FirstSequence).ToList();
        firsts.ShouldBe(firsts.Order());
        return $"{(firsts.Count == 0 ? "none" : $"{firsts[0]}-{firsts[^1]}")} after {before}";
    }
}
