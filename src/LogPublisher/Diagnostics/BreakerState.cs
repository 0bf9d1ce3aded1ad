namespace LogPipeline.Publisher;

/// <summary>The circuit breaker in front of Temporal.</summary>
public enum BreakerState
{
    /// <summary>Batches go to Temporal.</summary>
    Closed,

    /// <summary>
    /// Temporal was not reached, several times in a row; nothing is tried until
    /// <see cref="PublisherStats.NextStartAt"/>.
    /// </summary>
    Open,

    /// <summary>One batch is on trial.</summary>
    HalfOpen,

    /// <summary>
    /// Temporal is there and denies access (credentials, permissions, a missing namespace), or cannot do what the
    /// client requests. Tried again slowly (<see cref="BreakerOptions.DeniedDelay"/>), and left with the first batch
    /// that is taken.
    /// </summary>
    Denied,
}
