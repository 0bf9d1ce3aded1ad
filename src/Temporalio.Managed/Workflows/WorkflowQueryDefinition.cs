using System.Reflection;

namespace Temporalio.Workflows;

/// <summary>A query handler.</summary>
public class WorkflowQueryDefinition
{
    WorkflowQueryDefinition(string? name, string? description, HandlerMethod handler)
    {
        var method = handler.Method;
        if (HandlerMethod.ReservedPrefixOf(name, "__stack_trace", "__enhanced_stack_trace") is { } prefix)
            throw new ArgumentException($"Query handler name {name} cannot start with {prefix}");
        if (method.ReturnType == typeof(void)) throw new ArgumentException($"WorkflowQuery method {method} must return a value");
        if (typeof(Task).IsAssignableFrom(method.ReturnType)) throw new ArgumentException($"WorkflowQuery method {method} cannot return a Task");
        if (name == null && !HandlerMethod.TakesAnything(method, nameFirst: true))
            throw new ArgumentException($"WorkflowQuery method {method} must accept string and an array of IRawValue");
        Name = name;
        Description = description;
        Handler = handler;
    }

    /// <summary>Null for a dynamic handler, which answers the queries that no other handler answers.</summary>
    public string? Name { get; }

    public string? Description { get; }

    public bool Dynamic => Name == null;

    internal HandlerMethod Handler { get; }

    /// <exception cref="ArgumentException">The method breaks a rule of <see cref="WorkflowQueryAttribute"/>.</exception>
    public static WorkflowQueryDefinition FromMethod(MethodInfo method)
    {
        if (!method.IsPublic) throw new ArgumentException($"WorkflowQuery method {method} must be public");
        if (method.IsStatic) throw new ArgumentException($"WorkflowQuery method {method} cannot be static");
        var attribute = method.GetCustomAttribute<WorkflowQueryAttribute>(false)
            ?? throw new ArgumentException($"{method} missing WorkflowQuery attribute");
        if (attribute is { Dynamic: true, Name: not null }) throw new ArgumentException($"WorkflowQuery method {method} cannot be dynamic with custom name");
        return new(attribute.Dynamic ? null : attribute.Name ?? method.Name, attribute.Description, new(method));
    }

    /// <exception cref="ArgumentException">The property has no public getter, or is dynamic.</exception>
    public static WorkflowQueryDefinition FromProperty(PropertyInfo property)
    {
        var attribute = property.GetCustomAttribute<WorkflowQueryAttribute>(false)
            ?? throw new ArgumentException($"{property} missing WorkflowQuery attribute");
        if (property.GetGetMethod() is not { } getter) throw new ArgumentException($"WorkflowQuery property {property} must have public getter");
        if (getter.IsStatic) throw new ArgumentException($"WorkflowQuery property {property} cannot be static");
        if (attribute.Dynamic) throw new ArgumentException($"WorkflowQuery property {property} cannot be dynamic");
        return new(attribute.Name ?? property.Name, attribute.Description, new(getter));
    }

    /// <summary>From a delegate; for <see cref="Workflow.Queries"/> and <see cref="Workflow.DynamicQuery"/>.</summary>
    /// <param name="name">Null: dynamic; the delegate then takes the name and an array of <see cref="Converters.IRawValue"/>.</param>
    /// <param name="del">Returns its answer at once.</param>
    /// <exception cref="ArgumentException">The delegate is not of that form, or the name is reserved.</exception>
    public static WorkflowQueryDefinition CreateWithoutAttribute(string? name, Delegate del, string? description = null) =>
        new(name, description, new(del));

    internal static string RetrieveName(MethodInfo method) =>
        FromMethod(method).Name ?? throw new ArgumentException($"{method} cannot be used directly since it is a dynamic query");
}
