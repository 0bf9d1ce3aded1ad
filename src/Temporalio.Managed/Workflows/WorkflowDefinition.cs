using System.Reflection;
using Temporalio.Common;

namespace Temporalio.Workflows;

/// <summary>A workflow type read from a class once, with everything that is wrong with it said at once.</summary>
public class WorkflowDefinition
{
    const BindingFlags AnyMember = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    readonly Func<object?[], object>? _creator;

    WorkflowDefinition(string? name, Type type, WorkflowAttribute attribute, WorkflowMembers members, Func<object?[], object>? creator)
    {
        Name = name;
        Type = type;
        RunMethod = members.Run!;
        _creator = creator;
        FailureExceptionTypes = attribute.FailureExceptionTypes;
        VersioningBehavior = attribute.VersioningBehavior;
        Signals = members.Signals;
        DynamicSignal = members.DynamicSignal;
        Queries = members.Queries;
        DynamicQuery = members.DynamicQuery;
        Updates = members.Updates;
        DynamicUpdate = members.DynamicUpdate;
        DynamicOptionsGetter = members.DynamicOptions is { } options
            ? workflow => (WorkflowDefinitionOptions)HandlerMethod.Unwrapped(() => options.Invoke(workflow, []))!
            : null;
    }

    /// <summary>Null for a dynamic workflow.</summary>
    public string? Name { get; }

    public Type Type { get; }

    public MethodInfo RunMethod { get; }

    /// <summary>False for an interface or abstract class, which can be named by a client but not run by a worker.</summary>
    public bool Instantiable => _creator != null;

    public IReadOnlyDictionary<string, WorkflowSignalDefinition> Signals { get; }

    public WorkflowSignalDefinition? DynamicSignal { get; }

    public IReadOnlyDictionary<string, WorkflowQueryDefinition> Queries { get; }

    public WorkflowQueryDefinition? DynamicQuery { get; }

    public IReadOnlyDictionary<string, WorkflowUpdateDefinition> Updates { get; }

    public WorkflowUpdateDefinition? DynamicUpdate { get; }

    /// <summary>Whether it takes the workflow types that no other workflow of the worker takes.</summary>
    public bool Dynamic => Name == null;

    public Type[]? FailureExceptionTypes { get; }

    public VersioningBehavior? VersioningBehavior { get; }

    /// <summary>Asks the workflow object of a dynamic workflow for its options; null when it has no such method.</summary>
    public Func<object?, WorkflowDefinitionOptions>? DynamicOptionsGetter { get; }

    /// <inheritdoc cref="Create(Type)" />
    public static WorkflowDefinition Create<T>() => Create(typeof(T));

    /// <exception cref="ArgumentException">The class lacks the attribute.</exception>
    /// <exception cref="AggregateException">It breaks one or more rules; an inner exception for each.</exception>
    public static WorkflowDefinition Create(Type type) => Create(type, null, null);

    /// <inheritdoc cref="Create(Type)" />
    /// <param name="type">The workflow's class.</param>
    /// <param name="nameOverride">Null: as the attribute or the class says.</param>
    /// <param name="creatorOverride">Makes the workflow object from the run method's arguments. Null: the constructor does. Must be null when a constructor has <see cref="WorkflowInitAttribute"/>.</param>
    public static WorkflowDefinition Create(Type type, string? nameOverride, Func<object?[], object>? creatorOverride)
    {
        var attribute = type.GetCustomAttribute<WorkflowAttribute>(inherit: false)
            ?? throw new ArgumentException($"{type} missing Workflow attribute");
        var errors = new List<string>();
        var given = nameOverride ?? attribute.Name;
        if (attribute.Dynamic && given != null) errors.Add("Cannot have custom name for dynamic workflow");
        if (HandlerMethod.ReservedPrefixOf(given) is { } prefix) errors.Add($"Workflow name {given} cannot start with {prefix}");
        var members = WorkflowMembers.Read(type, attribute.Dynamic, errors);
        var creator = FindCreator(type, members.Run, creatorOverride, errors);
        if (errors.Count > 0) throw new AggregateException(errors.Select(e => new ArgumentException(e)));
        return new(attribute.Dynamic ? null : given ?? NameOf(type), type, attribute, members, creator);
    }

    /// <exception cref="InvalidOperationException">The type is an interface or abstract.</exception>
    public object CreateWorkflowInstance(object?[] workflowArguments) =>
        (_creator ?? throw new InvalidOperationException($"Cannot instantiate workflow type {Type}")).Invoke(workflowArguments);

    internal static string NameFromRunMethod(MethodInfo runMethod)
    {
        if (!runMethod.IsDefined(typeof(WorkflowRunAttribute), false))
            throw new ArgumentException($"{runMethod} missing WorkflowRun attribute");
        var type = runMethod.ReflectedType ?? throw new ArgumentException($"{runMethod} has no reflected type");
        var attribute = type.GetCustomAttribute<WorkflowAttribute>(false) ?? throw new ArgumentException($"{type} missing Workflow attribute");
        if (attribute.Dynamic) throw new ArgumentException($"{runMethod} cannot be used directly since it is a dynamic workflow");
        return attribute.Name ?? NameOf(type);
    }

    // An interface IOrderWorkflow and the class OrderWorkflow name the same workflow.
    static string NameOf(Type type) =>
        type.IsInterface && type.Name is ['I', var second, ..] && char.IsUpper(second) ? type.Name[1..] : type.Name;

    static Func<object?[], object>? FindCreator(Type type, MethodInfo? run, Func<object?[], object>? given, List<string> errors)
    {
        if (type.IsInterface || type.IsAbstract) return given;
        var constructors = type.GetConstructors(AnyMember);
        var inits = constructors.Where(c => c.IsDefined(typeof(WorkflowInitAttribute), false)).ToList();
        if (inits.Count > 1) errors.Add($"{type} has more than one constructor with the WorkflowInit attribute");
        if (inits.FirstOrDefault() is { } init)
        {
            if (given != null) throw new ArgumentException("Cannot set creator for workflow with WorkflowInit constructor", nameof(given));
            if (!init.IsPublic) errors.Add($"WorkflowInit on non-public {init}");
            if (run != null && !init.GetParameters().Select(p => p.ParameterType).SequenceEqual(run.GetParameters().Select(p => p.ParameterType)))
                errors.Add($"{type} constructor with WorkflowInit must have the parameters of its WorkflowRun method");
            return arguments => HandlerMethod.Unwrapped(() => init.Invoke(arguments))!;
        }
        if (given != null) return given;
        var plain = Array.Find(constructors, c => c.IsPublic && c.GetParameters().Length == 0);
        if (plain == null && !type.IsValueType)
        {
            errors.Add($"{type} has neither a public constructor without parameters nor one with the WorkflowInit attribute");
            return null;
        }
        return _ => HandlerMethod.Unwrapped(() => Activator.CreateInstance(type))!;
    }
}
