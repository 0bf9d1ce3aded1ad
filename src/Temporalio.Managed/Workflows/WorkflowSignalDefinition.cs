using System.Reflection;

namespace Temporalio.Workflows;

/// <summary>A signal handler.</summary>
public class WorkflowSignalDefinition
{
    WorkflowSignalDefinition(string name, string? description, MethodInfo method, HandlerUnfinishedPolicy unfinishedPolicy)
    {
        Name = name;
        Description = description;
        Method = method;
        UnfinishedPolicy = unfinishedPolicy;
    }

    public string? Name { get; }

    public string? Description { get; }

    internal MethodInfo Method { get; }

    internal HandlerUnfinishedPolicy UnfinishedPolicy { get; }

    /// <exception cref="ArgumentException">The method breaks a rule of <see cref="WorkflowSignalAttribute"/>.</exception>
    public static WorkflowSignalDefinition FromMethod(MethodInfo method)
    {
        var attribute = method.GetCustomAttribute<WorkflowSignalAttribute>(false)
            ?? throw new ArgumentException($"{method} missing WorkflowSignal attribute");
        if (!method.IsPublic) throw new ArgumentException($"WorkflowSignal method {method} must be public");
        if (method.IsStatic) throw new ArgumentException($"WorkflowSignal method {method} cannot be static");
        if (method.ReturnType != typeof(Task)) throw new ArgumentException($"WorkflowSignal method {method} must return Task");
        return new(attribute.Name ?? HandlerName.Of(method), attribute.Description, method, attribute.UnfinishedPolicy);
    }

    internal static string RetrieveName(MethodInfo method) => FromMethod(method).Name!;
}

static class HandlerName
{
    /// <summary>A method's name without <c>Async</c>, when it returns a task.</summary>
    public static string Of(MethodInfo method)
    {
        const string suffix = "Async";
        return method.Name.Length > suffix.Length && method.Name.EndsWith(suffix, StringComparison.Ordinal) && typeof(Task).IsAssignableFrom(method.ReturnType)
            ? method.Name[..^suffix.Length]
            : method.Name;
    }
}
