using Temporalio.Activities;

namespace Temporalio.Converters;

/// <summary>What a converter or codec may know about the place that it is used in, for instance to choose a key.</summary>
public interface ISerializationContext
{
    /// <summary>A context that belongs to a namespace and perhaps a workflow.</summary>
    interface IHasWorkflow : ISerializationContext
    {
        string Namespace { get; }

        string? WorkflowId { get; }
    }

    /// <summary>Around an activity, on both sides of it.</summary>
    sealed record Activity(
        string Namespace,
        string? ActivityId,
        string? WorkflowId,
        string? WorkflowType,
        [property: Obsolete("This value may not be set in some situations and should not be relied on.")]
        string? ActivityType,
        [property: Obsolete("This value may not be set in some situations and should not be relied on.")]
        string? ActivityTaskQueue,
        bool IsLocal) : IHasWorkflow
    {
        public Activity(ActivityInfo info)
            : this(info.Namespace, info.ActivityId, info.WorkflowId, info.WorkflowType, info.ActivityType, info.TaskQueue, info.IsLocal)
        {
        }
    }

    /// <summary>Around a workflow, on both sides of it.</summary>
    sealed record Workflow(string Namespace, string WorkflowId) : IHasWorkflow;
}

/// <summary>A converter or codec that wants to know where it is used.</summary>
public interface IWithSerializationContext<T>
{
    /// <summary>One for that place; may be this very instance. Called often, so it must be cheap.</summary>
    T WithSerializationContext(ISerializationContext context);
}
