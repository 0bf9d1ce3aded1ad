namespace LogPipeline.Publisher.Publishing;

/// <summary>The outcome of an attempt to start a batch.</summary>
/// <param name="Kind">What to do next.</param>
/// <param name="Reason">What was wrong and what would help, in a sentence for people; empty when accepted.</param>
/// <param name="IsAmbiguous">Temporal may have the batch all the same: only a repetition with the same name and bytes
/// is harmless.</param>
readonly record struct PublishOutcome(OutcomeKind Kind, string Reason = "", bool IsAmbiguous = false)
{
    public static PublishOutcome Accepted { get; } = new(OutcomeKind.Accepted);
}

enum OutcomeKind
{
    /// <summary>Temporal has it: started now, or by an earlier attempt.</summary>
    Accepted,

    /// <summary>Temporal was not reached or did not answer in time. Opens the breaker.</summary>
    Unreachable,

    /// <summary>Temporal is there and asks for less.</summary>
    Busy,

    /// <summary>Temporal is there and people must act: credentials, permission, namespace. Repeated slowly.</summary>
    Denied,

    /// <summary>Temporal will never take this batch.</summary>
    Refused,
}
