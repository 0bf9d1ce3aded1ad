using System.Reflection;

namespace Temporalio.Workflows;

/// <summary>An update handler, with its validator where it has one.</summary>
public class WorkflowUpdateDefinition
{
    WorkflowUpdateDefinition(string? name, string? description, HandlerMethod handler, HandlerMethod? validator, HandlerUnfinishedPolicy unfinishedPolicy)
    {
        var method = handler.Method;
        if (HandlerMethod.ReservedPrefixOf(name) is { } prefix) throw new ArgumentException($"Update handler name {name} cannot start with {prefix}");
        if (method.ContainsGenericParameters) throw new ArgumentException($"WorkflowUpdate method {method} must not be generic");
        if (!typeof(Task).IsAssignableFrom(method.ReturnType)) throw new ArgumentException($"WorkflowUpdate method {method} must return Task");
        if (name == null && !HandlerMethod.TakesAnything(method, nameFirst: true))
            throw new ArgumentException($"WorkflowUpdate method {method} must accept string and an array of IRawValue");
        if (validator != null) CheckValidator(validator.Method, method);
        Name = name;
        Description = description;
        Handler = handler;
        Validator = validator;
        UnfinishedPolicy = unfinishedPolicy;
    }

    /// <summary>Null for a dynamic handler, which takes the updates that no other handler takes.</summary>
    public string? Name { get; }

    public string? Description { get; }

    public bool Dynamic => Name == null;

    internal HandlerMethod Handler { get; }

    internal HandlerMethod? Validator { get; }

    internal HandlerUnfinishedPolicy UnfinishedPolicy { get; }

    /// <exception cref="ArgumentException">A method breaks a rule of its attribute.</exception>
    public static WorkflowUpdateDefinition FromMethod(MethodInfo method, MethodInfo? validatorMethod = null)
    {
        if (!method.IsPublic) throw new ArgumentException($"WorkflowUpdate method {method} must be public");
        if (method.IsStatic) throw new ArgumentException($"WorkflowUpdate method {method} cannot be static");
        if (validatorMethod is { IsPublic: false }) throw new ArgumentException($"WorkflowUpdateValidator method {validatorMethod} must be public");
        if (validatorMethod is { IsStatic: true }) throw new ArgumentException($"WorkflowUpdateValidator method {validatorMethod} cannot be static");
        var attribute = method.GetCustomAttribute<WorkflowUpdateAttribute>(false)
            ?? throw new ArgumentException($"{method} missing WorkflowUpdate attribute");
        if (attribute is { Dynamic: true, Name: not null }) throw new ArgumentException($"WorkflowUpdate method {method} cannot be dynamic with custom name");
        var name = attribute.Dynamic ? null : attribute.Name ?? HandlerMethod.NameOf(method);
        return new(name, attribute.Description, new(method), validatorMethod == null ? null : new(validatorMethod), attribute.UnfinishedPolicy);
    }

    /// <summary>From a delegate; for <see cref="Workflow.Updates"/> and <see cref="Workflow.DynamicUpdate"/>.</summary>
    /// <param name="name">Null: dynamic; the delegate then takes the name and an array of <see cref="Converters.IRawValue"/>.</param>
    /// <param name="del">Returns a task.</param>
    /// <param name="validatorDel">Takes the same and returns nothing; what it throws rejects the update.</param>
    /// <exception cref="ArgumentException">A delegate is not of that form, or the name is reserved.</exception>
    public static WorkflowUpdateDefinition CreateWithoutAttribute(
        string? name, Delegate del, Delegate? validatorDel = null,
        HandlerUnfinishedPolicy unfinishedPolicy = HandlerUnfinishedPolicy.WarnAndAbandon, string? description = null) =>
        new(name, description, new(del), validatorDel == null ? null : new(validatorDel), unfinishedPolicy);

    internal static string RetrieveName(MethodInfo method) =>
        FromMethod(method).Name ?? throw new ArgumentException($"{method} cannot be used directly since it is a dynamic update");

    /// <summary>A type's validators by the method that each is for. What is wrong with them goes into <paramref name="errors"/>.</summary>
    internal static Dictionary<string, MethodInfo> FindValidators(Type type, List<string> errors)
    {
        var validators = new Dictionary<string, MethodInfo>();
        var methods = type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static);
        foreach (var method in methods)
        {
            if (method.GetCustomAttribute<WorkflowUpdateValidatorAttribute>(false) is not { } attribute) continue;
            if (!Array.Exists(methods, m => m.Name == attribute.UpdateMethod && m.IsDefined(typeof(WorkflowUpdateAttribute), false)))
                errors.Add($"Cannot find update method named {attribute.UpdateMethod} for WorkflowUpdateValidator on {method}");
            else if (!validators.TryAdd(attribute.UpdateMethod, method))
                errors.Add($"{type} has more than one update validator for update method {attribute.UpdateMethod}");
        }
        return validators;
    }

    static void CheckValidator(MethodInfo validator, MethodInfo method)
    {
        if (validator.ReturnType != typeof(void)) throw new ArgumentException($"WorkflowUpdateValidator method {validator} must be void");
        if (!validator.GetParameters().Select(p => p.ParameterType).SequenceEqual(method.GetParameters().Select(p => p.ParameterType)))
            throw new ArgumentException($"WorkflowUpdateValidator method {validator} must have the same parameters as {method}");
    }
}
