using System.Reflection;

namespace Temporalio.Workflows;

/// <summary>A query handler.</summary>
public class WorkflowQueryDefinition
{
    WorkflowQueryDefinition(string name, string? description, MethodInfo method)
    {
        Name = name;
        Description = description;
        Method = method;
    }

    public string? Name { get; }

    public string? Description { get; }

    internal MethodInfo Method { get; }

    /// <exception cref="ArgumentException">The method breaks a rule of <see cref="WorkflowQueryAttribute"/>.</exception>
    public static WorkflowQueryDefinition FromMethod(MethodInfo method)
    {
        var attribute = method.GetCustomAttribute<WorkflowQueryAttribute>(false)
            ?? throw new ArgumentException($"{method} missing WorkflowQuery attribute");
        if (!method.IsPublic) throw new ArgumentException($"WorkflowQuery method {method} must be public");
        if (method.IsStatic) throw new ArgumentException($"WorkflowQuery method {method} cannot be static");
        if (method.ReturnType == typeof(void)) throw new ArgumentException($"WorkflowQuery method {method} must return a value");
        if (typeof(Task).IsAssignableFrom(method.ReturnType)) throw new ArgumentException($"WorkflowQuery method {method} cannot return a Task");
        return new(attribute.Name ?? method.Name, attribute.Description, method);
    }

    /// <exception cref="ArgumentException">The property has no public getter.</exception>
    public static WorkflowQueryDefinition FromProperty(PropertyInfo property)
    {
        var attribute = property.GetCustomAttribute<WorkflowQueryAttribute>(false)
            ?? throw new ArgumentException($"{property} missing WorkflowQuery attribute");
        if (property.GetGetMethod() is not { IsStatic: false } getter)
            throw new ArgumentException($"WorkflowQuery property {property} must have public getter");
        return new(attribute.Name ?? property.Name, attribute.Description, getter);
    }

    internal static string RetrieveName(MethodInfo method) => FromMethod(method).Name!;
}
