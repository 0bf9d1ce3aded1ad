using System.Reflection;

namespace Temporalio.Activities;

/// <summary>An activity's name from its method.</summary>
static class ActivityName
{
    /// <summary>Names beginning so belong to Temporal.</summary>
    public const string ReservedPrefix = "__temporal";

    /// <summary>Null for a dynamic activity.</summary>
    public static string? Of(MethodInfo method, ActivityAttribute attribute)
    {
        if (attribute.Dynamic)
            return attribute.Name == null ? null : throw new ArgumentException($"Activity {method} cannot be dynamic and have custom name");
        if (attribute.Name != null) return attribute.Name;
        var name = LocalFunction(method) ?? method.Name;
        // The compiler's names for lambdas hold angle brackets.
        if (name.Contains('<')) throw new ArgumentException($"{method} appears to be a lambda which must have a name given on the attribute");
        return typeof(Task).IsAssignableFrom(method.ReturnType) && name.Length > 5 && name.EndsWith("Async", StringComparison.Ordinal) ? name[..^5] : name;
    }

    /// <summary>The source's name of a local function, which the compiler calls <c>&lt;Outer&gt;g__Name|0_1</c>.</summary>
    static string? LocalFunction(MethodInfo method)
    {
        var begin = method.Name.IndexOf(">g__", StringComparison.Ordinal);
        if (begin <= 0) return null;
        var end = method.Name.IndexOf('|', begin);
        return end > 0 ? method.Name[(begin + 4)..end] : throw new ArgumentException($"Cannot parse name from local function {method}");
    }
}

/// <summary>The result of a task whose type is known at run time only.</summary>
static class TaskResult
{
    /// <summary>An empty <see cref="ValueTuple"/> for a task without result.</summary>
    public static async Task<object?> OfAsync(Task task)
    {
        await task.ConfigureAwait(false);
        // An async method without result may still give a Task<VoidTaskResult>, a type of the runtime's own.
        for (var type = task.GetType(); type != null; type = type.BaseType)
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>))
                return type.GenericTypeArguments[0].Name == "VoidTaskResult" ? ValueTuple.Create() : type.GetProperty("Result")!.GetValue(task);
        return ValueTuple.Create();
    }
}
