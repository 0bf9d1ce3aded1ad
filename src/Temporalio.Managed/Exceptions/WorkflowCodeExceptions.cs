namespace Temporalio.Exceptions;

/// <summary>Workflow code did what a workflow must not. Fails the workflow task, not the workflow.</summary>
public class InvalidWorkflowOperationException : TemporalException
{
    internal InvalidWorkflowOperationException(string message) : base(message) { }
}

/// <summary>Workflow code left its own scheduler, so that its order could differ from one replay to the next.</summary>
public class InvalidWorkflowSchedulerException : InvalidWorkflowOperationException
{
    readonly string? _stackTrace;

    internal InvalidWorkflowSchedulerException(string message, string? stackTraceOverride = null) : base(message) => _stackTrace = stackTraceOverride;

    public override string? StackTrace => _stackTrace ?? base.StackTrace;
}

/// <summary>Replaying the workflow's code gave other commands than its history holds.</summary>
public class WorkflowNondeterminismException : InvalidWorkflowOperationException
{
    internal WorkflowNondeterminismException(string message) : base(message) { }
}
