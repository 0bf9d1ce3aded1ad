using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;

namespace Temporalio.Exceptions;

/// <summary>A child workflow failed; the cause is the inner exception.</summary>
public class ChildWorkflowFailureException : FailureException
{
    internal protected ChildWorkflowFailureException(Failure failure, Exception? inner) : base(failure, inner)
    {
        if (failure.ChildWorkflowExecutionFailureInfo == null) throw new ArgumentException("The failure is not a child workflow failure.", nameof(failure));
    }

    public new Failure Failure => base.Failure!;

    public string Namespace => Failure.ChildWorkflowExecutionFailureInfo.Namespace;

    public string WorkflowId => Failure.ChildWorkflowExecutionFailureInfo.WorkflowExecution.WorkflowId;

    public string RunId => Failure.ChildWorkflowExecutionFailureInfo.WorkflowExecution.RunId;

    public string WorkflowType => Failure.ChildWorkflowExecutionFailureInfo.WorkflowType.Name;

    /// <summary>Why there was no further attempt.</summary>
    public RetryState RetryState => Failure.ChildWorkflowExecutionFailureInfo.RetryState;
}
