using LogPipeline.TestSupport;
using LogPipeline.Worker.Claims;

namespace LogPipeline.Tests.Sharing;

public sealed class WorkerLeaseTests
{
    readonly TestClock _time = new(DateTimeOffset.UnixEpoch);
    readonly WorkerLease _lease;

    public WorkerLeaseTests() => _lease = new WorkerLease(TimeSpan.FromSeconds(40), _time);

    [Fact]
    public void ItEndsAQuarterEarlyAndIsReckonedFromBeforeTheRenewalWasSent()
    {
        _lease.Begin(_lease.Now());
        _time.Advance(TimeSpan.FromSeconds(20));
        var sent = _lease.Now();
        _time.Advance(TimeSpan.FromSeconds(9));
        _lease.Renew(sent);
        _time.Advance(TimeSpan.FromSeconds(20));
        _lease.Require();
        _time.Advance(TimeSpan.FromSeconds(1));
        Should.Throw<IOException>(_lease.Require);
    }

    [Fact]
    public void OnceLostARenewalDoesNotBringItBack()
    {
        Should.Throw<IOException>(_lease.Require);
        _lease.Begin(_lease.Now());
        _lease.Require();
        _lease.Lose();
        _lease.Renew(_lease.Now());
        Should.Throw<IOException>(_lease.Require);
        _lease.Begin(_lease.Now());
        _lease.Require();
    }

    [Fact]
    public void AMachineThatSleptWhileOneClockStoodStillHasLostIt()
    {
        var time = new SleepingClock();
        var lease = new WorkerLease(TimeSpan.FromSeconds(40), time);
        lease.Begin(lease.Now());
        time.Slept = TimeSpan.FromSeconds(29.9);
        lease.Require();
        time.Slept = TimeSpan.FromSeconds(30);
        Should.Throw<IOException>(lease.Require);
    }

    /// <summary>Its timestamps stand still while the machine sleeps, and its time of day does not.</summary>
    sealed class SleepingClock : TimeProvider
    {
        public TimeSpan Slept { get; set; }

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Slept;

        public override long GetTimestamp() => 0;
    }
}
