namespace Temporalio.Exceptions;

/// <summary>The root of everything that this library throws by its own name.</summary>
public abstract class TemporalException : Exception
{
    protected TemporalException() { }

    protected TemporalException(string message) : base(message) { }

    protected TemporalException(string message, Exception? inner) : base(message, inner) { }

    /// <summary>
    /// Whether an exception means cancellation: of this code, or of an activity or child workflow that it waited for.
    /// </summary>
    public static bool IsCanceledException(Exception e) => e switch
    {
        OperationCanceledException or CanceledFailureException => true,
        ActivityFailureException or ChildWorkflowFailureException => e.InnerException is CanceledFailureException,
        _ => false,
    };
}
