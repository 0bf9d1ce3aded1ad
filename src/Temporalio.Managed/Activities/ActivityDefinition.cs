using System.Reflection;
using System.Runtime.ExceptionServices;
using Temporalio.Converters;

namespace Temporalio.Activities;

/// <summary>An activity's name, parameters, and how to call it.</summary>
public class ActivityDefinition
{
    const BindingFlags AnyMethod = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    readonly Func<object?[], object?> _invoker;

    ActivityDefinition(string? name, Type returnType, IReadOnlyCollection<Type> parameterTypes, int requiredParameterCount, Func<object?[], object?> invoker, MethodInfo? methodInfo)
    {
        Name = name;
        ReturnType = returnType;
        ParameterTypes = parameterTypes;
        RequiredParameterCount = requiredParameterCount;
        MethodInfo = methodInfo;
        _invoker = invoker;
    }

    /// <summary>Null for a dynamic activity.</summary>
    public string? Name { get; }

    /// <summary>May be a task.</summary>
    public Type ReturnType { get; }

    public IReadOnlyCollection<Type> ParameterTypes { get; }

    /// <summary>With fewer arguments an invocation fails; parameters after these have defaults.</summary>
    public int RequiredParameterCount { get; }

    public bool Dynamic => Name == null;

    /// <summary>The method, when the definition was made from one.</summary>
    public MethodInfo? MethodInfo { get; }

    /// <summary>From a delegate whose method has <see cref="ActivityAttribute"/>.</summary>
    public static ActivityDefinition Create(Delegate del) => Create(del.Method, del.DynamicInvoke);

    /// <summary>From its parts; the invoker may return a task.</summary>
    /// <exception cref="ArgumentException">The name is reserved, or the parameters do not fit.</exception>
    public static ActivityDefinition Create(string? name, Type returnType, IReadOnlyCollection<Type> parameterTypes, int requiredParameterCount, Func<object?[], object?> invoker) =>
        Checked(name, returnType, parameterTypes, requiredParameterCount, invoker, null);

    /// <summary>From a method that has <see cref="ActivityAttribute"/>, called in the given way.</summary>
    public static ActivityDefinition Create(MethodInfo method, Func<object?[], object?> invoker) =>
        CreateWithoutAttribute(ActivityName.Of(method, AttributeOf(method)), method, invoker);

    /// <summary>From a method and a name (null: dynamic), called in the given way.</summary>
    /// <exception cref="ArgumentException">The method is generic, or cannot be an activity otherwise.</exception>
    public static ActivityDefinition CreateWithoutAttribute(string? name, MethodInfo method, Func<object?[], object?> invoker)
    {
        if (method.ContainsGenericParameters) throw new ArgumentException($"{method} contains generic parameters");
        var parameters = method.GetParameters();
        return Checked(
            name,
            method.ReturnType,
            parameters.Select(p => p.ParameterType).ToArray(),
            parameters.Count(p => !p.HasDefaultValue),
            given => invoker(WithDefaults(parameters, given)),
            method);
    }

    /// <summary>All methods of the type that have <see cref="ActivityAttribute"/>, of any visibility.</summary>
    /// <param name="instance">Needed unless all of them are static.</param>
    public static IReadOnlyCollection<ActivityDefinition> CreateAll<T>(T? instance) => CreateAll(typeof(T), instance);

    /// <inheritdoc cref="CreateAll{T}(T)"/>
    /// <exception cref="ArgumentException">The type has no activities.</exception>
    /// <exception cref="InvalidOperationException">An activity needs the instance that is missing.</exception>
    public static IReadOnlyCollection<ActivityDefinition> CreateAll(Type type, object? instance)
    {
        var definitions = new List<ActivityDefinition>();
        foreach (var method in type.GetMethods(AnyMethod))
        {
            if (!method.IsDefined(typeof(ActivityAttribute), inherit: true)) continue;
            if (!method.IsStatic && instance == null)
                throw new InvalidOperationException($"Instance not provided, but activity method {method} is non-static");
            definitions.Add(Create(method, given => method.Invoke(instance, given)));
        }
        return definitions.Count > 0 ? definitions : throw new ArgumentException($"No activities found on {type}", nameof(type));
    }

    /// <summary>Calls the activity and awaits its task. A method without result gives an empty <see cref="ValueTuple"/>.</summary>
    public async Task<object?> InvokeAsync(object?[] parameters)
    {
        object? result;
        try
        {
            result = _invoker(parameters);
        }
        catch (TargetInvocationException e) when (e.InnerException != null)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
        return result is Task task ? await TaskResult.OfAsync(task).ConfigureAwait(false) : result;
    }

    /// <summary>The name under which workflow code calls a method.</summary>
    internal static string NameFromMethodForCall(MethodInfo method) =>
        ActivityName.Of(method, AttributeOf(method)) ?? throw new ArgumentException($"{method} cannot be used directly since it is a dynamic activity");

    static ActivityAttribute AttributeOf(MethodInfo method) =>
        method.GetCustomAttribute<ActivityAttribute>(inherit: false) ?? throw new ArgumentException($"{method} missing Activity attribute");

    static ActivityDefinition Checked(string? name, Type returnType, IReadOnlyCollection<Type> parameterTypes, int required, Func<object?[], object?> invoker, MethodInfo? method)
    {
        if (name?.StartsWith(ActivityName.ReservedPrefix, StringComparison.Ordinal) == true)
            throw new ArgumentException($"Activity name {name} cannot start with {ActivityName.ReservedPrefix}");
        if (name == null && (required != 1 || parameterTypes.Count != 1 || parameterTypes.First() != typeof(IRawValue[])))
            throw new ArgumentException("Dynamic activity must accept a required array of IRawValue");
        if (required > parameterTypes.Count)
            throw new ArgumentException($"Activity {name} has more required parameters than parameters", nameof(required));
        if (parameterTypes.Any(t => t.IsByRef))
            throw new ArgumentException($"Activity {name} has disallowed ref/out parameter");
        return new(name, returnType, parameterTypes, required, invoker, method);
    }

    static object?[] WithDefaults(ParameterInfo[] parameters, object?[] given) =>
        given.Length >= parameters.Length ? given : [.. given, .. parameters.Skip(given.Length).Select(p => p.DefaultValue)];
}
