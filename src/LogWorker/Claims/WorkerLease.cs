namespace LogPipeline.Worker.Claims;

/// <summary>
/// A worker's own view of its lease: until when no other takes what it has claimed. Measured from before each renewal
/// was sent, by two clocks (one of them goes on while a machine sleeps), and ended early by a quarter, which is the
/// time for the writes that were begun just before.
/// </summary>
sealed class WorkerLease(TimeSpan length, TimeProvider time)
{
    readonly Lock _gate = new();
    long _renewedAt;
    DateTimeOffset _renewedAtWall;
    bool _isHeld;

    public TimeSpan Length => length;

    /// <summary>The moment before a renewal is sent.</summary>
    public (long, DateTimeOffset) Now() => (time.GetTimestamp(), time.GetUtcNow());

    /// <summary>Begins anew, after the claims were read.</summary>
    public void Begin((long, DateTimeOffset) sent)
    {
        lock (_gate)
        {
            _isHeld = true;
            (_renewedAt, _renewedAtWall) = sent;
        }
    }

    /// <summary>The renewal was accepted; after a loss that changes nothing.</summary>
    public void Renew((long, DateTimeOffset) sent)
    {
        lock (_gate)
            if (sent.Item1 > _renewedAt) (_renewedAt, _renewedAtWall) = sent;
    }

    /// <summary>The renewal was too late.</summary>
    public void Lose()
    {
        lock (_gate) _isHeld = false;
    }

    /// <exception cref="IOException">Another may have taken over.</exception>
    public void Require()
    {
        lock (_gate)
        {
            var silent = time.GetElapsedTime(_renewedAt);
            if (time.GetUtcNow() - _renewedAtWall is var wall && wall > silent) silent = wall;
            if (_isHeld && silent < length * 0.75) return;
            _isHeld = false;
            throw new IOException($"This worker was not heard of for {silent.TotalSeconds:f0} s and the lease is "
                + $"{length.TotalSeconds:f0} s, so another may have what it had claimed; it looks before it writes.");
        }
    }
}
