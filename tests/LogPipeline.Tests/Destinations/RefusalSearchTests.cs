using LogPipeline.Worker.Destinations;

namespace LogPipeline.Tests.Destinations;

/// <summary>The search itself, with a destination that says nothing but yes or no of all that it is sent.</summary>
public sealed class RefusalSearchTests
{
    readonly RefusedRecords _refused = new();
    readonly List<int> _taken = [];
    readonly HashSet<int> _bad = [];
    int _sends;

    Task SendAsync(int count) => SendAsync(count, records =>
    {
        if (records.Any(_bad.Contains)) return new SendOutcome<int>("bad", records);
        _taken.AddRange(records);
        return SendOutcome<int>.Taken;
    });

    Task SendAsync(int count, Func<IReadOnlyList<int>, SendOutcome<int>> answer) =>
        new RefusalSearch<int>(_refused).SendAsync([.. Enumerable.Range(0, count)], (records, _) =>
        {
            _sends++;
            return Task.FromResult(answer(records));
        }, CancellationToken.None);

    [Theory, InlineData(0), InlineData(1), InlineData(499), InlineData(500), InlineData(998), InlineData(999)]
    public async Task OneBadRecordOfAThousandIsFoundInTwiceTheLogarithm(int bad)
    {
        _bad.Add(bad);
        await SendAsync(1_000);

        _taken.ShouldBe(Enumerable.Range(0, 1_000).Except([bad]), "each once and in order");
        _refused.ByReason.ShouldBe(new Dictionary<string, int> { ["bad"] = 1 });
        _sends.ShouldBeLessThanOrEqualTo(21);
    }

    [Fact]
    public async Task ABatchWithoutABadRecordIsOneSend()
    {
        await SendAsync(1_000);
        _sends.ShouldBe(1);
        _refused.ByReason.ShouldBeNull();
    }

    [Fact]
    public async Task AThousandBadRecordsAreRefusedOneByOne()
    {
        _bad.UnionWith(Enumerable.Range(0, 1_000));
        await SendAsync(1_000);
        _refused.ByReason.ShouldBe(new Dictionary<string, int> { ["bad"] = 1_000 });
        _sends.ShouldBe(1_999);
    }

    [Theory, InlineData(2), InlineData(3), InlineData(7)]
    public async Task ManyBadRecordsAmongOthersAreRefusedAlone(int every)
    {
        _bad.UnionWith(Enumerable.Range(0, 600).Where(i => i % every == 0));
        await SendAsync(600);
        _taken.ShouldBe(Enumerable.Range(0, 600).Except(_bad));
        _refused.ByReason.ShouldBe(new Dictionary<string, int> { ["bad"] = _bad.Count });
    }

    [Fact]
    public async Task BehindTheBoundAPortionIsUndecidedAsAWholeAndEachIsCounted()
    {
        _bad.UnionWith(Enumerable.Range(0, 5_000));
        await SendAsync(5_000);
        _refused.Count.ShouldBe(5_000);
        _refused.ByReason![RefusalSearch<int>.Undecided].ShouldBeGreaterThan(0);
        _sends.ShouldBeLessThanOrEqualTo(RefusalSearch<int>.RefusedSendsMax + 13);
    }

    [Fact]
    public async Task WhatIsNamedIsRefusedAtOnceAndTheRestIsSentAgainTogether()
    {
        await SendAsync(1_000, records => records.All(i => i >= 300)
            ? SendOutcome<int>.Taken : new SendOutcome<int>("some", records, i => i < 300 ? "old" : null));
        _refused.ByReason.ShouldBe(new Dictionary<string, int> { ["old"] = 300 });
        _sends.ShouldBe(2);
    }

    [Fact]
    public async Task NoAnswerIsNoRefusal()
    {
        var search = SendAsync(1_000, records =>
            _sends == 2 ? throw new DestinationUnavailableException("busy") : new SendOutcome<int>("bad", records));
        await Should.ThrowAsync<DestinationUnavailableException>(() => search);
        _sends.ShouldBe(2, "it ends at once");
        _refused.ByReason.ShouldBeNull();
    }
}
