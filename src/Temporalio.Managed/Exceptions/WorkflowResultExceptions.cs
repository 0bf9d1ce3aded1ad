using Temporalio.Api.Enums.V1;

namespace Temporalio.Exceptions;

/// <summary>The workflow's result was a failure; the inner exception says which.</summary>
public class WorkflowFailedException : TemporalException
{
    public WorkflowFailedException(Exception? inner) : base("Workflow failed", inner) { }
}

/// <summary>The run ended by continuing as a new one, and the caller had asked not to follow.</summary>
public class WorkflowContinuedAsNewException : TemporalException
{
    public WorkflowContinuedAsNewException(string newRunId) : base("Workflow continued as new") => NewRunId = newRunId;

    public string NewRunId { get; }
}

/// <summary>A workflow of that id exists, and the id policies do not allow another.</summary>
public class WorkflowAlreadyStartedException : FailureException
{
    [Obsolete("Use other constructor")]
    public WorkflowAlreadyStartedException(string message, string workflowId, string runId)
        : this(message, workflowId, "<unknown>", runId)
    {
    }

    public WorkflowAlreadyStartedException(string message, string workflowId, string workflowType, string runId) : base(message)
    {
        WorkflowId = workflowId;
        WorkflowType = workflowType;
        RunId = runId;
    }

    public string WorkflowId { get; }

    public string WorkflowType { get; }

    public string RunId { get; }
}

/// <summary>A query's handler threw.</summary>
public class WorkflowQueryFailedException : TemporalException
{
    public WorkflowQueryFailedException(string message) : base(message) { }
}

/// <summary>The query was refused because of the state that the workflow is in.</summary>
public class WorkflowQueryRejectedException : TemporalException
{
    public WorkflowQueryRejectedException(WorkflowExecutionStatus workflowStatus)
        : base($"Query rejected, workflow status: {workflowStatus}") => WorkflowStatus = workflowStatus;

    public WorkflowExecutionStatus WorkflowStatus { get; }
}

/// <summary>An update was refused or failed; the inner exception says why.</summary>
public class WorkflowUpdateFailedException : TemporalException
{
    public WorkflowUpdateFailedException(Exception? inner) : base("Workflow update failed", inner) { }
}

/// <summary>A schedule of that id is there already.</summary>
public class ScheduleAlreadyRunningException : FailureException
{
    public ScheduleAlreadyRunningException() : base("Schedule already running") { }
}
