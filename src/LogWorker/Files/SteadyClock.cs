namespace LogPipeline.Worker.Files;

/// <summary>
/// The time by which files and receipts are old enough to go. A clock that jumps, forward or back, is not believed for a
/// day: until then it is the earlier of what the clock says and what it would say without the jump, so that nothing goes
/// sooner than it would have. It has to be asked now and then. For the writer's loop alone.
/// </summary>
/// <param name="jumped">Called once for each jump, with how far the clock is from where it would be.</param>
sealed class SteadyClock(TimeProvider time, Action<TimeSpan>? jumped = null)
{
    /// <summary>Less is a clock that is set right.</summary>
    public static readonly TimeSpan JumpMin = TimeSpan.FromHours(1);

    public static readonly TimeSpan BelievedAfter = TimeSpan.FromDays(1);

    (DateTimeOffset Wall, long Timestamp) _anchor = (time.GetUtcNow(), time.GetTimestamp());
    (TimeSpan By, long Timestamp)? _jump;

    public DateTimeOffset GetNow()
    {
        var (wall, timestamp) = (time.GetUtcNow(), time.GetTimestamp());
        var steady = _anchor.Wall + time.GetElapsedTime(_anchor.Timestamp, timestamp);
        var by = wall - steady;
        if (by.Duration() < JumpMin)
        {
            (_anchor, _jump) = ((wall, timestamp), null);
            return wall;
        }
        if (_jump is not { } known || (by - known.By).Duration() >= JumpMin)
        {
            _jump = (by, timestamp);
            jumped?.Invoke(by);
        }
        else if (time.GetElapsedTime(known.Timestamp, timestamp) >= BelievedAfter)
        {
            (_anchor, _jump) = ((wall, timestamp), null);
            return wall;
        }
        return by > TimeSpan.Zero ? steady : wall;
    }
}
