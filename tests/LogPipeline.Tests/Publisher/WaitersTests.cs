using LogPipeline.Publisher.Publishing;



namespace LogPipeline.Tests.Publisher;

public sealed class WaitersTests
{
    readonly Waiters _waiters = new();

    [Fact]
    public void AWaitEndsWhenItsLastRecordIsSettledAndNotBefore()
    {
        var wait = _waiters.WaitAsync(5);
        _waiters.Release(5);
        wait.IsCompleted.ShouldBeFalse();
        _waiters.Release(6);
        wait.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void ThereIsSomebodyUntilTheLastWaitHasEnded()
    {
        _waiters.Any.ShouldBeFalse();
        _ = _waiters.WaitAsync(5);
        _ = _waiters.WaitAsync(7);
        _waiters.Release(6);
        _waiters.Any.ShouldBeTrue();
        _waiters.Release(8);
        _waiters.Any.ShouldBeFalse();
    }

    [Fact]
    public void TheEndEndsEveryWait()
    {
        var wait = _waiters.WaitAsync(5);
        _waiters.End();
        wait.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void AfterTheEndNobodyWaits()
    {
        _waiters.End();
        _waiters.WaitAsync(5).IsCompletedSuccessfully.ShouldBeTrue();
        _waiters.Any.ShouldBeFalse();
    }
}
