namespace Temporalio.Workflows;

/// <summary>
/// Marks the method that decides whether an update is accepted: public, not static, void, with the handler's parameters.
/// What it throws rejects the update, which then leaves no trace in history. It must neither change the workflow nor ask for anything.
/// </summary>
/// <param name="updateMethod">The handler's name as a method: <c>nameof(HandleAsync)</c>.</param>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class WorkflowUpdateValidatorAttribute(string updateMethod) : Attribute
{
    public string UpdateMethod { get; } = updateMethod;
}
