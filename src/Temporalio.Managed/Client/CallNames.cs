using System.Reflection;
using Temporalio.Workflows;

namespace Temporalio.Client;

/// <summary>The names that methods of a workflow class go by on the wire.</summary>
static class CallNames
{
    /// <exception cref="ArgumentException">The method is no run method, or its type no workflow.</exception>
    public static string Workflow(MethodInfo run)
    {
        if (run.GetCustomAttribute<WorkflowRunAttribute>() is null)
            throw new ArgumentException($"{run} missing WorkflowRun attribute");
        var type = run.ReflectedType!;
        var attribute = type.GetCustomAttribute<WorkflowAttribute>(inherit: false)
            ?? throw new ArgumentException($"{type} missing Workflow attribute");
        if (attribute.Name is { } name) return name;
        // An interface's leading I is a convention of C#, not a part of the name.
        return type.IsInterface && type.Name is ['I', >= 'A' and <= 'Z', ..] ? type.Name[1..] : type.Name;
    }

    /// <exception cref="ArgumentException">The method is no signal handler.</exception>
    public static string Signal(MethodInfo method)
    {
        var attribute = method.GetCustomAttribute<WorkflowSignalAttribute>(inherit: false)
            ?? throw new ArgumentException($"{method} missing WorkflowSignal attribute");
        if (attribute.Name is { } name) return name;
        return method.Name.Length > 5 && method.Name.EndsWith("Async", StringComparison.Ordinal) ? method.Name[..^5] : method.Name;
    }

    /// <param name="member">A method or a property.</param>
    /// <exception cref="ArgumentException">The member is no query handler.</exception>
    public static string Query(MemberInfo member)
    {
        var attribute = member.GetCustomAttribute<WorkflowQueryAttribute>(inherit: false)
            ?? throw new ArgumentException($"{member} missing WorkflowQuery attribute");
        return attribute.Name ?? member.Name;
    }
}
