using LogPipeline.TestSupport;
using LogPipeline.Worker.Files;

namespace LogPipeline.Tests.Worker;

public sealed class RecoveryBackoffTests
{
    static readonly int[] Waits = [0, 100, 200, 400, 800, 1_600, 2_000, 2_000];

    readonly TestClock _clock = new();

    [Fact]
    public void TheFirstRecoveryIsAtOnceAndLaterOnesWaitUpToTwoSeconds() =>
        ShouldWaitLonger(new RecoveryBackoff(_clock));

    [Fact]
    public void ASuccessLetsTheWaitBeginAnew()
    {
        var backoff = new RecoveryBackoff(_clock);
        for (var round = 0; round < 3; round++)
        {
            ShouldWaitLonger(backoff);
            backoff.Succeeded();
            backoff.DueIn.ShouldBe(TimeSpan.Zero);
            backoff.TooEarly.ShouldBeNull();
        }
    }

    [Fact]
    public void WhoComesTooEarlyGetsTheLastError()
    {
        var backoff = new RecoveryBackoff(_clock);
        backoff.Failed(new IOException("full"));
        backoff.Failed(new IOException("read-only"));
        _clock.Advance(TimeSpan.FromMilliseconds(99));
        backoff.TooEarly!.Message.ShouldStartWith("read-only");
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        backoff.TooEarly.ShouldBeNull();
    }

    void ShouldWaitLonger(RecoveryBackoff backoff)
    {
        foreach (var wait in Waits)
        {
            backoff.Failed(new IOException("full"));
            backoff.DueIn.ShouldBe(TimeSpan.FromMilliseconds(wait));
            _clock.Advance(backoff.DueIn);
        }
    }
}
