using Temporalio.Exceptions;

namespace Temporalio.Activities;

/// <summary>Thrown by an activity to say that somebody else will complete it later, by its task token or its ids.</summary>
public class CompleteAsyncException : TemporalException
{
    public CompleteAsyncException() : base("Activity will complete asynchronously")
    {
    }
}
