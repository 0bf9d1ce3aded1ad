namespace LogPipeline.Publisher.Filtering;

/// <summary>
/// Which events are still taken while the room for them runs out, so that what matters most finds the last of it:
/// Verbose and Debug go first, Information when half of the rest is gone, Warning at three quarters; Error and Fatal
/// are never shed, only a full queue stops them. With the default of 80 %: 80, 80, 90, 95 %.
/// </summary>
/// <param name="From">The fill, from 0 to 1, at which it begins; 1 or more: nothing is shed.</param>
readonly record struct ShedPolicy(double From)
{
    public ShedPolicy(TemporalSinkOptions options) : this(options.Sampling.ShedPercent / 100.0)
    {
    }

    /// <summary>
    /// Below this fill shedding is over; not at <see cref="From"/> itself, around which a fill may swing.
    /// </summary>
    public double EndsBelow => From * 0.9;

    public bool Admits(LogEventLevel level, double fill) => From >= 1 || fill < level switch
    {
        <= LogEventLevel.Debug => From,
        LogEventLevel.Information => From + (1 - From) / 2,
        LogEventLevel.Warning => From + (1 - From) * 3 / 4,
        _ => double.PositiveInfinity,
    };
}
