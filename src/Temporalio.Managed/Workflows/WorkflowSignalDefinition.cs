using System.Reflection;

namespace Temporalio.Workflows;

/// <summary>A signal handler.</summary>
public class WorkflowSignalDefinition
{
    WorkflowSignalDefinition(string? name, string? description, HandlerMethod handler, HandlerUnfinishedPolicy unfinishedPolicy)
    {
        var method = handler.Method;
        if (HandlerMethod.ReservedPrefixOf(name) is { } prefix) throw new ArgumentException($"Signal handler name {name} cannot start with {prefix}");
        if (method.ReturnType != typeof(Task)) throw new ArgumentException($"WorkflowSignal method {method} must return Task");
        if (name == null && !HandlerMethod.TakesAnything(method, nameFirst: true))
            throw new ArgumentException($"WorkflowSignal method {method} must accept string and an array of IRawValue");
        Name = name;
        Description = description;
        Handler = handler;
        UnfinishedPolicy = unfinishedPolicy;
    }

    /// <summary>Null for a dynamic handler, which takes the signals that no other handler takes.</summary>
    public string? Name { get; }

    public string? Description { get; }

    public bool Dynamic => Name == null;

    internal HandlerMethod Handler { get; }

    internal HandlerUnfinishedPolicy UnfinishedPolicy { get; }

    /// <exception cref="ArgumentException">The method breaks a rule of <see cref="WorkflowSignalAttribute"/>.</exception>
    public static WorkflowSignalDefinition FromMethod(MethodInfo method)
    {
        if (!method.IsPublic) throw new ArgumentException($"WorkflowSignal method {method} must be public");
        if (method.IsStatic) throw new ArgumentException($"WorkflowSignal method {method} cannot be static");
        var attribute = method.GetCustomAttribute<WorkflowSignalAttribute>(false)
            ?? throw new ArgumentException($"{method} missing WorkflowSignal attribute");
        if (attribute is { Dynamic: true, Name: not null }) throw new ArgumentException($"WorkflowSignal method {method} cannot be dynamic with custom name");
        var name = attribute.Dynamic ? null : attribute.Name ?? HandlerMethod.NameOf(method);
        return new(name, attribute.Description, new(method), attribute.UnfinishedPolicy);
    }

    /// <summary>From a delegate; for <see cref="Workflow.Signals"/> and <see cref="Workflow.DynamicSignal"/>.</summary>
    /// <param name="name">Null: dynamic; the delegate then takes the name and an array of <see cref="Converters.IRawValue"/>.</param>
    /// <param name="del">Returns <see cref="Task"/>.</param>
    /// <exception cref="ArgumentException">The delegate is not of that form, or the name is reserved.</exception>
    public static WorkflowSignalDefinition CreateWithoutAttribute(
        string? name, Delegate del, HandlerUnfinishedPolicy unfinishedPolicy = HandlerUnfinishedPolicy.WarnAndAbandon, string? description = null) =>
        new(name, description, new(del), unfinishedPolicy);

    internal static string RetrieveName(MethodInfo method) =>
        FromMethod(method).Name ?? throw new ArgumentException($"{method} cannot be used directly since it is a dynamic signal");
}
