using LogPipeline.Publisher;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Publisher;

public sealed class StartGuardTests : IBatchStarter
{
    static readonly PublishOutcome Refused = new(OutcomeKind.Unreachable, "Connection refused.");
    static readonly PublishOutcome Busy = new(OutcomeKind.Busy, "Slow down.");
    static readonly PublishOutcome Denied = new(OutcomeKind.Denied, "No such key.");

    readonly TestClock _clock = new();
    readonly FrozenBatch _batch = new(Some.Header(Some.BatchId(), Some.Records(1, Some.BatchId())), []);
    Func<Task<PublishOutcome>> _temporal = () => Task.FromResult(PublishOutcome.Accepted);
    int _attempts;

    Task<PublishOutcome> IBatchStarter.StartAsync(FrozenBatch batch, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _attempts);
        return _temporal();
    }

    // Nothing is taken off at random: waits are as long as they get.
    StartGuard New(TemporalSinkOptions? options = null, TimeProvider? time = null) =>
        new(this, options ?? new TemporalSinkOptions(), time ?? _clock, new ZeroRandom(), "test:7233");

    void Answers(PublishOutcome outcome) => _temporal = () => Task.FromResult(outcome);

    static async Task<PublishOutcome> TryAsync(StartGuard guard, FrozenBatch batch)
    {
        var outcome = await guard.StartAsync(batch, CancellationToken.None);
        guard.OnOutcome(outcome);
        return outcome;
    }

    async Task<StartGuard> OpenAsync(TemporalSinkOptions? options = null, TimeProvider? time = null)
    {
        var guard = New(options, time);
        Answers(Refused);
        for (var i = 0; i < (options ?? new TemporalSinkOptions()).Breaker.After; i++) await TryAsync(guard, _batch);
        guard.GetSnapshot().State.ShouldBe(BreakerState.Open);
        return guard;
    }

    static void ShouldBeAbout(TimeSpan time, double seconds) => time.TotalSeconds.ShouldBe(seconds, 0.01);

    [Fact]
    public async Task ItIsClosedAndAStartMayBeTriedAtOnce()
    {
        var guard = New();
        guard.GetSnapshot().ShouldBe((BreakerState.Closed, 0, TimeSpan.Zero, null, null));
        (await TryAsync(guard, _batch)).Kind.ShouldBe(OutcomeKind.Accepted);
        guard.GetSnapshot().ShouldBe((BreakerState.Closed, 0, TimeSpan.Zero, null, null));
    }

    [Fact]
    public async Task SinceWhenIsTheLastTimeThatItWasClosedOrCeasedToBe()
    {
        var start = _clock.GetUtcNow();
        var guard = New();
        _clock.Advance(TimeSpan.FromMinutes(1));
        await TryAsync(guard, _batch);
        guard.Since.ShouldBe(start);
        Answers(Refused);
        await TryAsync(guard, _batch);
        guard.Since.ShouldBe(start);
        await TryAsync(guard, _batch);
        var opened = _clock.GetUtcNow();
        guard.Since.ShouldBe(opened);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await TryAsync(guard, _batch);
        guard.Since.ShouldBe(opened, "a failed trial is no change");
        _clock.Advance(TimeSpan.FromMinutes(1));
        Answers(PublishOutcome.Accepted);
        await TryAsync(guard, _batch);
        guard.Since.ShouldBe(_clock.GetUtcNow());
    }

    [Fact]
    public async Task OneFailureIsTriedAgainSoonAndTheSecondInARowOpens()
    {
        var guard = New();
        Answers(Refused);
        await TryAsync(guard, _batch);
        guard.GetSnapshot().State.ShouldBe(BreakerState.Closed);
        guard.GetSnapshot().Failures.ShouldBe(1);
        ShouldBeAbout(guard.RetryIn, 0.25);
        _clock.Advance(TimeSpan.FromMilliseconds(250));
        await TryAsync(guard, _batch);
        var look = guard.GetSnapshot();
        look.State.ShouldBe(BreakerState.Open);
        look.Failures.ShouldBe(2);
        ShouldBeAbout(look.RetryIn, 1);
        look.LastError.ShouldBe("Connection refused.");
        look.LastErrorAt.ShouldBe(_clock.GetUtcNow());
    }

    [Fact]
    public async Task FailuresThatAreNoRowDoNotOpenIt()
    {
        var guard = New();
        for (var i = 0; i < 50; i++)
        {
            Answers(Refused);
            await TryAsync(guard, _batch);
            Answers(PublishOutcome.Accepted);
            await TryAsync(guard, _batch);
        }
        guard.GetSnapshot().ShouldBe((BreakerState.Closed, 0, TimeSpan.Zero, null, null));
    }

    [Fact]
    public async Task ARowOpensItHoweverMuchWentWellBefore()
    {
        var guard = New();
        for (var i = 0; i < 20_000; i++) await TryAsync(guard, _batch);
        Answers(Refused);
        await TryAsync(guard, _batch);
        guard.GetSnapshot().State.ShouldBe(BreakerState.Closed);
        await TryAsync(guard, _batch);
        guard.GetSnapshot().State.ShouldBe(BreakerState.Open);
    }

    [Fact]
    public async Task TheLengthOfTheRowIsAnOption()
    {
        var guard = New(new TemporalSinkOptions { Breaker = { After = 5 } });
        Answers(Refused);
        for (var i = 0; i < 4; i++) await TryAsync(guard, _batch);
        guard.GetSnapshot().State.ShouldBe(BreakerState.Closed);
        await TryAsync(guard, _batch);
        guard.GetSnapshot().State.ShouldBe(BreakerState.Open);
    }

    [Fact]
    public async Task WhileItIsOpenNothingIsTried()
    {
        var guard = await OpenAsync();
        var before = _attempts;
        _clock.Advance(TimeSpan.FromMilliseconds(500));
        (await TryAsync(guard, _batch)).ShouldBe(Refused);
        _attempts.ShouldBe(before);
        guard.GetSnapshot().Failures.ShouldBe(2, "an attempt that was not made is no failure");
        ShouldBeAbout(guard.RetryIn, 0.5);
    }

    [Fact]
    public async Task HalfOpenItTriesExactlyOneAndASuccessClosesIt()
    {
        var guard = await OpenAsync();
        _clock.Advance(guard.RetryIn);
        guard.GetSnapshot().State.ShouldBe(BreakerState.Open);
        guard.RetryIn.ShouldBe(TimeSpan.Zero);
        var before = _attempts;
        var answer = new TaskCompletionSource<PublishOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        _temporal = () => answer.Task;
        var trial = guard.StartAsync(_batch, CancellationToken.None);
        guard.GetSnapshot().State.ShouldBe(BreakerState.HalfOpen);
        // One that were tried as well would wait for the answer, too.
        var others = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => TryAsync(guard, _batch))))
            .WaitAsync(TimeSpan.FromSeconds(30));
        others.ShouldAllBe(outcome => outcome.Kind == OutcomeKind.Unreachable && !outcome.IsAmbiguous);
        _attempts.ShouldBe(before + 1);
        guard.GetSnapshot().State.ShouldBe(BreakerState.HalfOpen);
        answer.SetResult(PublishOutcome.Accepted);
        guard.OnOutcome(await trial);
        guard.GetSnapshot().ShouldBe((BreakerState.Closed, 0, TimeSpan.Zero, null, null));
    }

    [Fact]
    public async Task AFailedTrialOpensItForLongerUpToTheBound()
    {
        var guard = await OpenAsync();
        foreach (var seconds in (int[])[2, 4, 4, 4])
        {
            _clock.Advance(guard.RetryIn);
            await TryAsync(guard, _batch);
            guard.GetSnapshot().State.ShouldBe(BreakerState.Open);
            ShouldBeAbout(guard.RetryIn, seconds);
        }
        guard.GetSnapshot().Failures.ShouldBe(6);
        Answers(PublishOutcome.Accepted);
        _clock.Advance(guard.RetryIn);
        await TryAsync(guard, _batch);
        Answers(Refused);
        for (var i = 0; i < 2; i++) await TryAsync(guard, _batch);
        ShouldBeAbout(guard.RetryIn, 1);
    }

    [Fact]
    public async Task ATrialThatIsNeverAnsweredIsFollowedByTheNextSoon()
    {
        var guard = await OpenAsync();
        for (var i = 0; i < 4; i++) 
        {
            _clock.Advance(guard.RetryIn);
            _temporal = () => new TaskCompletionSource<PublishOutcome>().Task;
            var trial = TryAsync(guard, _batch);
            _clock.Advance(TimeSpan.FromSeconds(4));
            (await trial).IsAmbiguous.ShouldBeTrue();
            guard.GetSnapshot().State.ShouldBe(BreakerState.Open);
            ShouldBeAbout(guard.RetryIn, 0.25);
        }
    }

    [Fact]
    public async Task UnansweredStartsOpenItInLessThanTenSeconds()
    {
        var guard = New();
        var start = _clock.GetUtcNow();
        _temporal = () => new TaskCompletionSource<PublishOutcome>().Task;
        while (guard.GetSnapshot().State == BreakerState.Closed)
        {
            _clock.Advance(guard.RetryIn);
            var trial = TryAsync(guard, _batch);
            _clock.Advance(TimeSpan.FromSeconds(4));
            await trial;
        }
        (_clock.GetUtcNow() - start).ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task ARequestForLessIsNoFailure()
    {
        var guard = New();
        Answers(Busy);
        foreach (var seconds in (int[])[1, 2, 4, 8, 10, 10])
        {
            await TryAsync(guard, _batch);
            ShouldBeAbout(guard.RetryIn, seconds);
            guard.GetSnapshot().State.ShouldBe(BreakerState.Closed);
            guard.GetSnapshot().Failures.ShouldBe(0);
            guard.IsReachable.ShouldBeFalse();
        }
        Answers(PublishOutcome.Accepted);
        await TryAsync(guard, _batch);
        guard.IsReachable.ShouldBeTrue();
    }

    [Theory]
    [InlineData(nameof(OutcomeKind.Accepted))]
    [InlineData(nameof(OutcomeKind.Refused))]
    public async Task AnAnswerToABatchLetsEachWaitBeginAnew(string kind)
    {
        var answer = new PublishOutcome(Enum.Parse<OutcomeKind>(kind), "An answer.");
        var guard = New();
        Answers(Busy);
        for (var i = 0; i < 3; i++) await TryAsync(guard, _batch);
        Answers(answer);
        await TryAsync(guard, _batch);
        Answers(Busy);
        await TryAsync(guard, _batch);
        ShouldBeAbout(guard.RetryIn, 1);

        guard = await OpenAsync();
        _clock.Advance(guard.RetryIn);
        await TryAsync(guard, _batch);
        ShouldBeAbout(guard.RetryIn, 2);
        _clock.Advance(guard.RetryIn);
        Answers(answer);
        await TryAsync(guard, _batch);
        Answers(Refused);
        for (var i = 0; i < 2; i++) await TryAsync(guard, _batch);
        guard.GetSnapshot().State.ShouldBe(BreakerState.Open);
        ShouldBeAbout(guard.RetryIn, 1);
    }

    [Fact]
    public async Task ARequestForLessEndsARowOfFailuresAndClosesOnTrial()
    {
        var guard = New();
        foreach (var outcome in new[] { Refused, Busy, Refused, Busy })
        {
            Answers(outcome);
            await TryAsync(guard, _batch);
        }
        guard.GetSnapshot().State.ShouldBe(BreakerState.Closed);

        guard = await OpenAsync();
        _clock.Advance(guard.RetryIn);
        Answers(Busy);
        await TryAsync(guard, _batch);
        guard.GetSnapshot().State.ShouldBe(BreakerState.Closed);
        ShouldBeAbout(guard.RetryIn, 1);
    }

    [Fact]
    public async Task ADenialIsAStateOfItsOwnTriedSlowlyAndLeftByItself()
    {
        var guard = New();
        Answers(Denied);
        for (var i = 0; i < 3; i++)
        {
            await TryAsync(guard, _batch);
            var look = guard.GetSnapshot();
            look.State.ShouldBe(BreakerState.Denied);
            look.Failures.ShouldBe(0);
            ShouldBeAbout(look.RetryIn, 30);
            look.LastError.ShouldBe("No such key.");
            guard.IsReachable.ShouldBeFalse();
            _clock.Advance(look.RetryIn);
            guard.RetryIn.ShouldBe(TimeSpan.Zero);
        }
        Answers(PublishOutcome.Accepted);
        await TryAsync(guard, _batch);
        guard.GetSnapshot().ShouldBe((BreakerState.Closed, 0, TimeSpan.Zero, null, null));
    }

    [Fact]
    public async Task AnOpenBreakerWhoseTrialIsDeniedIsDeniedAndOpensAgainOnlyByARow()
    {
        var guard = await OpenAsync();
        _clock.Advance(guard.RetryIn);
        Answers(Denied);
        await TryAsync(guard, _batch);
        guard.GetSnapshot().State.ShouldBe(BreakerState.Denied);
        _clock.Advance(guard.RetryIn);
        Answers(Refused);
        await TryAsync(guard, _batch);
        guard.GetSnapshot().State.ShouldBe(BreakerState.Closed);
        await TryAsync(guard, _batch);
        guard.GetSnapshot().State.ShouldBe(BreakerState.Open);
    }

    [Fact]
    public async Task ABatchThatIsRefusedForGoodIsAnAnswerAndClosesIt()
    {
        var guard = await OpenAsync();
        _clock.Advance(guard.RetryIn);
        Answers(new PublishOutcome(OutcomeKind.Refused, "Too large."));
        await TryAsync(guard, _batch);
        guard.GetSnapshot().State.ShouldBe(BreakerState.Closed);
        guard.RetryIn.ShouldBe(TimeSpan.Zero);
        guard.GetSnapshot().LastError.ShouldBe("Too large.");
        guard.IsReachable.ShouldBeTrue();
    }

    [Fact]
    public async Task WhatAClientThrowsIsAFailure()
    {
        var guard = New();
        _temporal = () => throw new NotSupportedException("what a client may throw");
        for (var i = 0; i < 2; i++) (await TryAsync(guard, _batch)).IsAmbiguous.ShouldBeTrue();
        guard.GetSnapshot().State.ShouldBe(BreakerState.Open);
        guard.GetSnapshot().LastError!.ShouldContain("what a client may throw");
    }

    [Fact]
    public async Task AnObstacleOfOurOwnPostponesAndLeavesTheStateAlone()
    {
        var guard = New();
        guard.Postpone("The disk cannot be read.");
        guard.GetSnapshot().State.ShouldBe(BreakerState.Closed);
        guard.GetSnapshot().LastError.ShouldBe("The disk cannot be read.");
        guard.IsReachable.ShouldBeTrue();
        ShouldBeAbout(guard.RetryIn, 30);
        _clock.Advance(TimeSpan.FromSeconds(30));
        (await TryAsync(guard, _batch)).Kind.ShouldBe(OutcomeKind.Accepted);
    }

    [Fact]
    public async Task AClockThatIsSetBackDoesNotProlongABreak()
    {
        var time = new SettableClock(_clock);
        var guard = await OpenAsync(time: time);
        time.Back = TimeSpan.FromHours(1);
        Answers(PublishOutcome.Accepted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await TryAsync(guard, _batch)).Kind.ShouldBe(OutcomeKind.Accepted);
    }

    sealed class ZeroRandom : Random
    {
        public override double NextDouble() => 0;
    }

    /// <summary>A machine whose time of day somebody changes.</summary>
    sealed class SettableClock(TestClock clock) : TimeProvider
    {
        public TimeSpan Back { get; set; }
        public override long TimestampFrequency => clock.TimestampFrequency;
        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() - Back;
        public override long GetTimestamp() => clock.GetTimestamp();
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            clock.CreateTimer(callback, state, dueTime, period);
    }
}
