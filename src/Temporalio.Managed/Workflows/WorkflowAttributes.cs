namespace Temporalio.Workflows;

/// <summary>Marks a class or interface as a workflow type. The name is the class's, or the interface's without its leading <c>I</c>, unless given.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface | AttributeTargets.Struct, Inherited = false)]
public sealed class WorkflowAttribute : Attribute
{
    public WorkflowAttribute()
    {
    }

    public WorkflowAttribute(string name) => Name = name;

    public string? Name { get; }

    /// <summary>Takes the workflow types that no other workflow of the worker takes; its run method has one parameter, an array of <see cref="Converters.IRawValue"/>.</summary>
    public bool Dynamic { get; set; }

    /// <summary>What becomes of a run when its worker deployment gets a new version. Unspecified: the worker's default.</summary>
    public Common.VersioningBehavior VersioningBehavior { get; set; }

    /// <summary>Exceptions, beside Temporal's own failures, that fail the workflow instead of its current task.</summary>
    public Type[]? FailureExceptionTypes { get; set; }
}

/// <summary>Marks the one method that is the workflow: public, not static, returning a task.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class WorkflowRunAttribute : Attribute;

/// <summary>Marks the constructor that takes the run method's arguments.</summary>
[AttributeUsage(AttributeTargets.Constructor, Inherited = false)]
public sealed class WorkflowInitAttribute : Attribute;

/// <summary>Marks a signal handler: public, not static, returning <see cref="Task"/>. The name is the method's without <c>Async</c>, unless given.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class WorkflowSignalAttribute : Attribute
{
    public WorkflowSignalAttribute()
    {
    }

    public WorkflowSignalAttribute(string name) => Name = name;

    public string? Name { get; }

    /// <summary>Takes what no other handler takes: its parameters are the name and an array of <see cref="Converters.IRawValue"/>.</summary>
    public bool Dynamic { get; set; }

    /// <summary>One sentence shown where the workflow's handlers are listed.</summary>
    public string? Description { get; set; }

    public HandlerUnfinishedPolicy UnfinishedPolicy { get; set; } = HandlerUnfinishedPolicy.WarnAndAbandon;
}

/// <summary>Marks a query: a public method that returns its answer at once, or a property with a public getter. It must not change the workflow.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property, Inherited = false)]
public sealed class WorkflowQueryAttribute : Attribute
{
    public WorkflowQueryAttribute()
    {
    }

    public WorkflowQueryAttribute(string name) => Name = name;

    public string? Name { get; }

    /// <summary>Takes what no other handler takes: its parameters are the name and an array of <see cref="Converters.IRawValue"/>.</summary>
    public bool Dynamic { get; set; }

    /// <summary>One sentence shown where the workflow's handlers are listed.</summary>
    public string? Description { get; set; }
}
