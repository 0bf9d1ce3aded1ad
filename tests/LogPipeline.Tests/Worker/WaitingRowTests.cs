using LogPipeline.TestSupport;
using LogPipeline.Worker.Ordering;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Worker;

/// <summary>How long a batch waits in its row.</summary>
public sealed class WaitingRowTests
{
    static readonly TimeSpan StillMax = TimeSpan.FromSeconds(3);
    static readonly TimeSpan Max = TimeSpan.FromSeconds(7);

    readonly TestClock _clock = new();
    readonly WaitingRow _row;
    readonly RowMember _member;

    public WaitingRowTests()
    {
        _row = new WaitingRow(_clock);
        var (header, array) = SomeBatch.Of(2, "app");
        _member = _row.Join(header, array)!;
    }

    [Fact]
    public async Task WhereNothingMovesItGoesBack()
    {
        var waiting = WaitAsync();
        await PassAsync(waiting, StillMax);
        (await waiting).ShouldBeNull();
    }

    [Fact]
    public async Task WhileTheRowMovesItWaitsOn()
    {
        var waiting = WaitAsync();
        await PassAsync(waiting, StillMax - TimeSpan.FromSeconds(1));
        _row.Moved();
        await PassAsync(waiting, TimeSpan.FromSeconds(1));
        waiting.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task ButNoLongerThanItMay()
    {
        var waiting = WaitAsync();
        for (var passed = TimeSpan.Zero; passed < Max; passed += TimeSpan.FromSeconds(1))
        {
            _row.Moved();
            await PassAsync(waiting, TimeSpan.FromSeconds(1));
        }
        (await waiting).ShouldBeNull();
    }

    Task<WriteReceipt?> WaitAsync() => _row.WaitAsync(_member, StillMax, Max, CancellationToken.None);

    /// <summary>Lets time pass once somebody waits for it; returns when somebody waits again, or nobody does.</summary>
    async Task PassAsync(Task waiting, TimeSpan time)
    {
        await _clock.TimersAsync();
        _clock.Advance(time);
        await Task.WhenAny(waiting, _clock.TimersAsync());
    }
}
