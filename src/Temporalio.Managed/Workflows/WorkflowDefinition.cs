using System.Reflection;

namespace Temporalio.Workflows;

/// <summary>A workflow type read from a class once, with everything that is wrong with it said at once.</summary>
public class WorkflowDefinition
{
    readonly ConstructorInfo? _constructor;

    WorkflowDefinition(
        string? name, Type type, MethodInfo runMethod, ConstructorInfo? constructor, Type[]? failureExceptionTypes,
        IReadOnlyDictionary<string, WorkflowSignalDefinition> signals, IReadOnlyDictionary<string, WorkflowQueryDefinition> queries,
        IReadOnlyDictionary<string, WorkflowUpdateDefinition> updates)
    {
        Name = name;
        Type = type;
        RunMethod = runMethod;
        _constructor = constructor;
        FailureExceptionTypes = failureExceptionTypes;
        Signals = signals;
        Queries = queries;
        Updates = updates;
    }

    public string? Name { get; }

    public Type Type { get; }

    public MethodInfo RunMethod { get; }

    /// <summary>False for an interface or abstract class, which can be named by a client but not run by a worker.</summary>
    public bool Instantiable => _constructor != null;

    public IReadOnlyDictionary<string, WorkflowSignalDefinition> Signals { get; }

    public IReadOnlyDictionary<string, WorkflowQueryDefinition> Queries { get; }

    public IReadOnlyDictionary<string, WorkflowUpdateDefinition> Updates { get; }

    public Type[]? FailureExceptionTypes { get; }

    public static WorkflowDefinition Create<T>() => Create(typeof(T));

    /// <exception cref="ArgumentException">The class lacks the attribute.</exception>
    /// <exception cref="AggregateException">It breaks one or more rules; an inner exception for each.</exception>
    public static WorkflowDefinition Create(Type type)
    {
        var attribute = type.GetCustomAttribute<WorkflowAttribute>(inherit: false)
            ?? throw new ArgumentException($"{type} missing Workflow attribute");
        var errors = new List<string>();
        var runMethod = FindRun(type, errors);
        var constructor = FindConstructor(type, runMethod, errors);
        var signals = new Dictionary<string, WorkflowSignalDefinition>();
        var queries = new Dictionary<string, WorkflowQueryDefinition>();
        var updates = new Dictionary<string, WorkflowUpdateDefinition>();
        var validators = WorkflowUpdateDefinition.FindValidators(type, errors);
        foreach (var member in type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static))
        {
            try
            {
                if (member is MethodInfo signal && member.IsDefined(typeof(WorkflowSignalAttribute), false))
                    AddUnique(signals, WorkflowSignalDefinition.FromMethod(signal), d => d.Name!, "signal");
                else if (member is MethodInfo query && member.IsDefined(typeof(WorkflowQueryAttribute), false))
                    AddUnique(queries, WorkflowQueryDefinition.FromMethod(query), d => d.Name!, "query");
                else if (member is MethodInfo update && member.IsDefined(typeof(WorkflowUpdateAttribute), false))
                    AddUnique(updates, WorkflowUpdateDefinition.FromMethod(update, validators.GetValueOrDefault(update.Name)), d => d.Name!, "update");
                else if (member is PropertyInfo property && member.IsDefined(typeof(WorkflowQueryAttribute), false))
                    AddUnique(queries, WorkflowQueryDefinition.FromProperty(property), d => d.Name!, "query");
            }
            catch (ArgumentException e)
            {
                errors.Add(e.Message);
            }
        }
        if (errors.Count > 0) throw new AggregateException(errors.Select(e => new ArgumentException(e)));
        return new(attribute.Name ?? NameOf(type), type, runMethod!, constructor, attribute.FailureExceptionTypes, signals, queries, updates);
    }

    /// <exception cref="InvalidOperationException">The type is an interface or abstract.</exception>
    public object CreateWorkflowInstance(object?[] workflowArguments)
    {
        if (_constructor == null) throw new InvalidOperationException($"Cannot instantiate workflow type {Type}");
        try
        {
            return _constructor.Invoke(_constructor.GetParameters().Length == 0 ? [] : workflowArguments);
        }
        catch (TargetInvocationException e) when (e.InnerException != null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }

    internal static string NameFromRunMethod(MethodInfo runMethod)
    {
        if (!runMethod.IsDefined(typeof(WorkflowRunAttribute), false))
            throw new ArgumentException($"{runMethod} missing WorkflowRun attribute");
        var type = runMethod.ReflectedType ?? throw new ArgumentException($"{runMethod} has no reflected type");
        var attribute = type.GetCustomAttribute<WorkflowAttribute>(false) ?? throw new ArgumentException($"{type} missing Workflow attribute");
        return attribute.Name ?? NameOf(type);
    }

    // An interface IOrderWorkflow and the class OrderWorkflow name the same workflow.
    static string NameOf(Type type) =>
        type.IsInterface && type.Name is ['I', var second, ..] && char.IsUpper(second) ? type.Name[1..] : type.Name;

    static MethodInfo? FindRun(Type type, List<string> errors)
    {
        var runs = type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static)
            .Where(m => m.IsDefined(typeof(WorkflowRunAttribute), false)).ToList();
        if (runs.Count == 0) errors.Add($"{type} has no method with the WorkflowRun attribute");
        if (runs.Count > 1) errors.Add($"{type} has more than one method with the WorkflowRun attribute: {string.Join(", ", runs.Select(r => r.Name))}");
        foreach (var run in runs)
        {
            if (!run.IsPublic) errors.Add($"WorkflowRun on non-public {run}");
            if (run.IsStatic) errors.Add($"WorkflowRun on static {run}");
            if (!typeof(Task).IsAssignableFrom(run.ReturnType)) errors.Add($"WorkflowRun method {run} must return an instance of Task");
            if (run.ContainsGenericParameters) errors.Add($"WorkflowRun method {run} must not be generic");
        }
        return runs.FirstOrDefault();
    }

    static ConstructorInfo? FindConstructor(Type type, MethodInfo? run, List<string> errors)
    {
        if (type.IsInterface || type.IsAbstract) return null;
        var constructors = type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance);
        var inits = constructors.Where(c => c.IsDefined(typeof(WorkflowInitAttribute), false)).ToList();
        if (inits.Count > 1) errors.Add($"{type} has more than one constructor with the WorkflowInit attribute");
        if (inits.FirstOrDefault() is { } init)
        {
            if (!init.IsPublic) errors.Add($"WorkflowInit on non-public {init}");
            if (run != null && !init.GetParameters().Select(p => p.ParameterType).SequenceEqual(run.GetParameters().Select(p => p.ParameterType)))
                errors.Add($"{type} constructor with WorkflowInit must have the parameters of its WorkflowRun method");
            return init;
        }
        var plain = Array.Find(constructors, c => c.IsPublic && c.GetParameters().Length == 0);
        if (plain == null) errors.Add($"{type} has neither a public constructor without parameters nor one with the WorkflowInit attribute");
        return plain;
    }

    static void AddUnique<T>(Dictionary<string, T> definitions, T definition, Func<T, string> name, string kind)
    {
        if (!definitions.TryAdd(name(definition), definition))
            throw new ArgumentException($"More than one {kind} is named '{name(definition)}'");
    }
}
