using System.Reflection;

namespace Temporalio.Workflows;

/// <summary>The members of a workflow's class that have a meaning to Temporal.</summary>
sealed class WorkflowMembers
{
    const BindingFlags AnyMember = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    public MethodInfo? Run { get; private set; }

    public MethodInfo? DynamicOptions { get; private set; }

    public Dictionary<string, WorkflowSignalDefinition> Signals { get; } = [];

    public WorkflowSignalDefinition? DynamicSignal { get; private set; }

    public Dictionary<string, WorkflowQueryDefinition> Queries { get; } = [];

    public WorkflowQueryDefinition? DynamicQuery { get; private set; }

    public Dictionary<string, WorkflowUpdateDefinition> Updates { get; } = [];

    public WorkflowUpdateDefinition? DynamicUpdate { get; private set; }

    /// <summary>What is wrong goes into <paramref name="errors"/>.</summary>
    public static WorkflowMembers Read(Type type, bool dynamic, List<string> errors)
    {
        var members = new WorkflowMembers { Run = FindRun(type, dynamic, errors) };
        var validators = WorkflowUpdateDefinition.FindValidators(type, errors);
        foreach (var member in type.GetMembers(AnyMember))
        {
            try
            {
                if (member is MethodInfo method) members.Add(method, validators, dynamic);
                else if (member is PropertyInfo property && Has<WorkflowQueryAttribute>(property)) AddNamed(members.Queries, WorkflowQueryDefinition.FromProperty(property), d => d.Name!, "query");
            }
            catch (ArgumentException e)
            {
                errors.Add(e.Message);
            }
        }
        return members;
    }

    void Add(MethodInfo method, Dictionary<string, MethodInfo> validators, bool dynamic)
    {
        if (Has<WorkflowSignalAttribute>(method))
        {
            var signal = WorkflowSignalDefinition.FromMethod(method);
            if (signal.Dynamic) DynamicSignal = Only(DynamicSignal, signal, "signal");
            else AddNamed(Signals, signal, d => d.Name!, "signal");
        }
        if (Has<WorkflowQueryAttribute>(method))
        {
            var query = WorkflowQueryDefinition.FromMethod(method);
            if (query.Dynamic) DynamicQuery = Only(DynamicQuery, query, "query");
            else AddNamed(Queries, query, d => d.Name!, "query");
        }
        if (Has<WorkflowUpdateAttribute>(method))
        {
            var update = WorkflowUpdateDefinition.FromMethod(method, validators.GetValueOrDefault(method.Name));
            if (update.Dynamic) DynamicUpdate = Only(DynamicUpdate, update, "update");
            else AddNamed(Updates, update, d => d.Name!, "update");
        }
        if (Has<WorkflowDynamicOptionsAttribute>(method))
        {
            CheckDynamicOptions(method, dynamic);
            DynamicOptions = Only(DynamicOptions, method, "options method");
        }
    }

    static bool Has<T>(MemberInfo member)
        where T : Attribute => member.IsDefined(typeof(T), false);

    static void CheckDynamicOptions(MethodInfo method, bool dynamic)
    {
        if (!method.IsPublic) throw new ArgumentException($"WorkflowDynamicOptions method {method} must be public");
        if (method.IsStatic) throw new ArgumentException($"WorkflowDynamicOptions method {method} cannot be static");
        if (method.ReturnType != typeof(WorkflowDefinitionOptions)) throw new ArgumentException($"WorkflowDynamicOptions method {method} must return WorkflowDefinitionOptions");
        if (!dynamic) throw new ArgumentException("WorkflowDynamicOptions can only be used in dynamic workflows");
        if (method.GetParameters().Length > 0) throw new ArgumentException($"WorkflowDynamicOptions method {method} must take no parameters");
    }

    static MethodInfo? FindRun(Type type, bool dynamic, List<string> errors)
    {
        var runs = type.GetMethods(AnyMember).Where(Has<WorkflowRunAttribute>).ToList();
        if (runs.Count == 0) errors.Add($"{type} has no method with the WorkflowRun attribute");
        if (runs.Count > 1) errors.Add($"{type} has more than one method with the WorkflowRun attribute: {string.Join(", ", runs.Select(r => r.Name))}");
        foreach (var run in runs)
        {
            if (!run.IsPublic) errors.Add($"WorkflowRun on non-public {run}");
            if (run.IsStatic) errors.Add($"WorkflowRun on static {run}");
            if (!typeof(Task).IsAssignableFrom(run.ReturnType)) errors.Add($"WorkflowRun method {run} must return an instance of Task");
            if (run.ContainsGenericParameters) errors.Add($"WorkflowRun method {run} must not be generic");
            if (dynamic && !HandlerMethod.TakesAnything(run, nameFirst: false)) errors.Add($"WorkflowRun on {run} for dynamic workflow must accept an array of IRawValue");
        }
        return runs.FirstOrDefault();
    }

    static T Only<T>(T? known, T found, string kind)
        where T : class => known == null ? found : throw new ArgumentException($"More than one dynamic {kind}");

    static void AddNamed<T>(Dictionary<string, T> definitions, T definition, Func<T, string> name, string kind)
    {
        if (!definitions.TryAdd(name(definition), definition))
            throw new ArgumentException($"More than one {kind} is named '{name(definition)}'");
    }
}
