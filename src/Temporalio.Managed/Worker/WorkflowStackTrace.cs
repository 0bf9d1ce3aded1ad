namespace Temporalio.Worker;

/// <summary>Whether a worker keeps, for the query <c>__stack_trace</c>, where its workflows wait. It costs time at every wait.</summary>
public enum WorkflowStackTrace
{
    /// <summary>No; the query fails.</summary>
    None,

    /// <summary>With the names of files and the lines, where there are symbols.</summary>
    Normal,

    WithoutFileInfo,
}
