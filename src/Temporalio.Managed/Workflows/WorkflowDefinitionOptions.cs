using Temporalio.Common;

namespace Temporalio.Workflows;

/// <summary>What a dynamic workflow decides about itself, by its method with <see cref="WorkflowDynamicOptionsAttribute"/>.</summary>
public class WorkflowDefinitionOptions : ICloneable
{
    /// <summary>Exceptions, beside Temporal's own failures, that fail the workflow instead of its current task. Null: those of the attribute.</summary>
    public Type[]? FailureExceptionTypes { get; set; }

    /// <summary>Unspecified: that of the attribute.</summary>
    public VersioningBehavior VersioningBehavior { get; set; }

    public object Clone() => MemberwiseClone();
}

/// <summary>
/// Marks the method of a dynamic workflow that is asked, once the workflow object is made, how it is to be run:
/// public, without parameters, returning <see cref="WorkflowDefinitionOptions"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class WorkflowDynamicOptionsAttribute : Attribute;
