using System.Reflection;
using System.Runtime.ExceptionServices;
using Temporalio.Activities;
using Temporalio.Converters;

namespace Temporalio.Workflows;

/// <summary>What a handler is made of: a method of the workflow's class, or a delegate given at run time.</summary>
sealed record HandlerMethod(MethodInfo Method, Delegate? Delegate = null)
{
    public HandlerMethod(Delegate handler) : this(handler.Method, handler)
    {
    }

    /// <summary>Calls it; what it throws comes as it was thrown.</summary>
    public object? Invoke(object workflow, object?[] arguments) => Unwrapped(() =>
        Delegate != null ? Delegate.DynamicInvoke(arguments) : Method.Invoke(workflow, arguments));

    public static object? Unwrapped(Func<object?> call)
    {
        try
        {
            return call();
        }
        catch (TargetInvocationException e) when (e.InnerException != null)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }

    /// <summary>The result of a task; null when it has none.</summary>
    public static object? ResultOf(Task done, MethodInfo method) =>
        method.ReturnType.IsGenericType ? method.ReturnType.GetProperty("Result")!.GetValue(done) : null;

    /// <summary>A method's name without <c>Async</c>, when it returns a task.</summary>
    public static string NameOf(MethodInfo method)
    {
        const string suffix = "Async";
        return method.Name.Length > suffix.Length && method.Name.EndsWith(suffix, StringComparison.Ordinal) && typeof(Task).IsAssignableFrom(method.ReturnType)
            ? method.Name[..^suffix.Length]
            : method.Name;
    }

    /// <summary>Null: not reserved.</summary>
    public static string? ReservedPrefixOf(string? name, params ReadOnlySpan<string> more)
    {
        if (name == null) return null;
        if (name.StartsWith(ActivityName.ReservedPrefix, StringComparison.Ordinal)) return ActivityName.ReservedPrefix;
        foreach (var prefix in more)
            if (name.StartsWith(prefix, StringComparison.Ordinal)) return prefix;
        return null;
    }

    /// <summary>Whether a dynamic handler could be called: by name and arguments, or by arguments alone.</summary>
    public static bool TakesAnything(MethodInfo method, bool nameFirst) =>
        method.GetParameters().Select(p => p.ParameterType).SequenceEqual(nameFirst ? [typeof(string), typeof(IRawValue[])] : [typeof(IRawValue[])]);
}
