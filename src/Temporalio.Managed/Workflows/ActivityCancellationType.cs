namespace Temporalio.Workflows;

/// <summary>What a workflow does with an activity whose cancellation token is cancelled.</summary>
public enum ActivityCancellationType
{
    /// <summary>Ask the server to cancel the activity and report it cancelled at once.</summary>
    TryCancel,

    /// <summary>Ask the server to cancel the activity and wait until it says how it ended.</summary>
    WaitCancellationCompleted,

    /// <summary>Report it cancelled at once and ask nobody; the activity goes on.</summary>
    Abandon,
}
