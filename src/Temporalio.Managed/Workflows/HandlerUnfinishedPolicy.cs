namespace Temporalio.Workflows;

/// <summary>What happens when a workflow ends while one of its handlers is still running. The handler is given up either way.</summary>
public enum HandlerUnfinishedPolicy
{
    /// <summary>A warning is logged; the caller of an update gets a failure.</summary>
    WarnAndAbandon,

    Abandon,
}
