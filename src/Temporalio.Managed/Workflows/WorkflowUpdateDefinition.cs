using System.Reflection;

namespace Temporalio.Workflows;

/// <summary>An update handler, with its validator where it has one.</summary>
public class WorkflowUpdateDefinition
{
    WorkflowUpdateDefinition(string name, WorkflowUpdateAttribute attribute, MethodInfo method, MethodInfo? validatorMethod)
    {
        Name = name;
        Description = attribute.Description;
        Method = method;
        ValidatorMethod = validatorMethod;
        UnfinishedPolicy = attribute.UnfinishedPolicy;
    }

    public string? Name { get; }

    public string? Description { get; }

    internal MethodInfo Method { get; }

    internal MethodInfo? ValidatorMethod { get; }

    internal HandlerUnfinishedPolicy UnfinishedPolicy { get; }

    /// <exception cref="ArgumentException">A method breaks a rule of its attribute.</exception>
    public static WorkflowUpdateDefinition FromMethod(MethodInfo method, MethodInfo? validatorMethod = null)
    {
        var attribute = method.GetCustomAttribute<WorkflowUpdateAttribute>(false)
            ?? throw new ArgumentException($"{method} missing WorkflowUpdate attribute");
        if (!method.IsPublic) throw new ArgumentException($"WorkflowUpdate method {method} must be public");
        if (method.IsStatic) throw new ArgumentException($"WorkflowUpdate method {method} cannot be static");
        if (method.ContainsGenericParameters) throw new ArgumentException($"WorkflowUpdate method {method} must not be generic");
        if (!typeof(Task).IsAssignableFrom(method.ReturnType)) throw new ArgumentException($"WorkflowUpdate method {method} must return Task");
        if (validatorMethod != null) CheckValidator(validatorMethod, method);
        return new(attribute.Name ?? HandlerName.Of(method), attribute, method, validatorMethod);
    }

    internal static string RetrieveName(MethodInfo method) => FromMethod(method).Name!;

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
        if (!validator.IsPublic) throw new ArgumentException($"WorkflowUpdateValidator method {validator} must be public");
        if (validator.IsStatic) throw new ArgumentException($"WorkflowUpdateValidator method {validator} cannot be static");
        if (validator.ReturnType != typeof(void)) throw new ArgumentException($"WorkflowUpdateValidator method {validator} must be void");
        if (!validator.GetParameters().Select(p => p.ParameterType).SequenceEqual(method.GetParameters().Select(p => p.ParameterType)))
            throw new ArgumentException($"WorkflowUpdateValidator method {validator} must have the same parameters as {method}");
    }
}
