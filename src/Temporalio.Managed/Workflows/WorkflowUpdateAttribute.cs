namespace Temporalio.Workflows;

/// <summary>Marks an update handler: public, not static, returning a task. The name is the method's without <c>Async</c>, unless given.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class WorkflowUpdateAttribute : Attribute
{
    public WorkflowUpdateAttribute()
    {
    }

    public WorkflowUpdateAttribute(string name) => Name = name;

    public string? Name { get; }

    /// <summary>Takes what no other handler takes: its parameters are the name and an array of <see cref="Converters.IRawValue"/>.</summary>
    public bool Dynamic { get; set; }

    /// <summary>One sentence shown where the workflow's handlers are listed.</summary>
    public string? Description { get; set; }

    public HandlerUnfinishedPolicy UnfinishedPolicy { get; set; } = HandlerUnfinishedPolicy.WarnAndAbandon;
}
