namespace LogPipeline.Publisher.Filtering;

/// <summary>
/// An event that passed, and its repetitions within the window that began with it, which are suppressed.
/// </summary>
/// <param name="first">The event that passed.</param>
/// <param name="beganAt">When, as a timestamp of the clock.</param>
sealed class Repeats(LogEvent first, long beganAt)
{
    public LogEvent First { get; } = first;
    public long BeganAt { get; } = beganAt;

    /// <summary>Suppressed events.</summary>
    public long Count { get; set; }

    /// <summary>How long the window was open; known when it has ended.</summary>
    public TimeSpan Over { get; set; }
}
