namespace LogPipeline.Worker.Cli.Doctor;

/// <summary>This machine's clock against another's: that one's time was seen between two readings of this one.</summary>
static class ClockCheck
{
    /// <summary>Beyond it lines of several machines stand in another order than they happened.</summary>
    static readonly TimeSpan WarnBeyond = TimeSpan.FromSeconds(2);

    /// <summary>Beyond it retention, leases and Loki's limits of age are wrong.</summary>
    static readonly TimeSpan FailBeyond = TimeSpan.FromMinutes(1);

    /// <returns>How much this clock is ahead; negative: behind. What may be on the way is no difference.</returns>
    public static TimeSpan AheadBy(DateTimeOffset before, DateTimeOffset theirs, DateTimeOffset after)
    {
        if (theirs < before) return before - theirs;
        return theirs > after ? after - theirs : TimeSpan.Zero;
    }

    /// <param name="name">The check.</param>
    /// <param name="whose">The other clock's owner.</param>
    /// <param name="ahead">As <see cref="AheadBy"/> has it.</param>
    public static CheckResult Judge(string name, string whose, TimeSpan ahead)
    {
        var seconds = Math.Abs(ahead.TotalSeconds).ToString("N0", CultureInfo.InvariantCulture);
        var found = $"This machine's clock is {seconds} s {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} {whose}'s.";
        const string next = "Let both take their time from the same servers; 'timedatectl timesync-status' shows this machine's.";
        if (ahead.Duration() > FailBeyond) return CheckResult.Failed(name, found, next);
        return ahead.Duration() > WarnBeyond ? CheckResult.Warning(name, found, next)
            : CheckResult.Ok(name, $"This machine's clock agrees with {whose}'s.");
    }
}
