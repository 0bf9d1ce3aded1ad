using Microsoft.Extensions.Logging;
using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Api.History.V1;
using Temporalio.Converters;
using Temporalio.Workflows;

namespace Temporalio.Worker.Replay;

sealed partial class WorkflowInstance
{
    readonly LinkedList<RunningHandler> _handlers = [];
    // Signals that no handler has taken yet, in the order they came. No more than history has.
    readonly List<WorkflowExecutionSignaledEventAttributes> _keptSignals = [];
    HandlerMap<WorkflowSignalDefinition>? _signals;
    HandlerMap<WorkflowQueryDefinition>? _queries;
    HandlerMap<WorkflowUpdateDefinition>? _updates;
    WorkflowSignalDefinition? _dynamicSignal;
    WorkflowQueryDefinition? _dynamicQuery;
    WorkflowUpdateDefinition? _dynamicUpdate;

    public bool AllHandlersFinished => _handlers.Count == 0;

    public HandlerMap<WorkflowSignalDefinition> Signals => _signals ??= new(
        _details.Definition.Signals, d => d.Name, "signal", AssertHandlersMayChange, name => TakeKept(s => s.SignalName == name));

    public HandlerMap<WorkflowQueryDefinition> Queries => _queries ??= new(_details.Definition.Queries, d => d.Name, "query", AssertHandlersMayChange);

    public HandlerMap<WorkflowUpdateDefinition> Updates => _updates ??= new(_details.Definition.Updates, d => d.Name, "update", AssertHandlersMayChange);

    public WorkflowSignalDefinition? DynamicSignal
    {
        get => _dynamicSignal;
        set
        {
            AssertHandlersMayChange();
            if (value is { Dynamic: false }) throw new ArgumentException("Signal is not dynamic");
            _dynamicSignal = value;
            if (value != null) TakeKept(_ => true);
        }
    }

    public WorkflowQueryDefinition? DynamicQuery
    {
        get => _dynamicQuery;
        set
        {
            AssertHandlersMayChange();
            _dynamicQuery = value is { Dynamic: false } ? throw new ArgumentException("Query is not dynamic") : value;
        }
    }

    public WorkflowUpdateDefinition? DynamicUpdate
    {
        get => _dynamicUpdate;
        set
        {
            AssertHandlersMayChange();
            _dynamicUpdate = value is { Dynamic: false } ? throw new ArgumentException("Update is not dynamic") : value;
        }
    }

    /// <summary>Starts the signal's handler, or keeps the signal until there is one.</summary>
    public void Signal(WorkflowExecutionSignaledEventAttributes signal)
    {
        if (Find(Signals, _dynamicSignal, signal.SignalName) is not { } definition) _keptSignals.Add(signal);
        else Queue(() => RunToEndAsync(() => HandleSignalAsync(signal, definition)));
    }

    // What belongs to Temporal never goes to a dynamic handler.
    static T? Find<T>(HandlerMap<T> named, T? dynamic, string name)
        where T : class =>
        named.TryGetValue(name, out var definition) ? definition : name.StartsWith(ActivityName.ReservedPrefix, StringComparison.Ordinal) ? null : dynamic;

    void TakeKept(Predicate<WorkflowExecutionSignaledEventAttributes> which)
    {
        var taken = _keptSignals.FindAll(which);
        _keptSignals.RemoveAll(which);
        taken.ForEach(Signal);
    }

    async Task HandleSignalAsync(WorkflowExecutionSignaledEventAttributes signal, WorkflowSignalDefinition definition)
    {
        object?[] arguments;
        try
        {
            arguments = ReadArguments(definition.Handler.Method, signal.Input?.Payloads_ ?? [], $"Signal {signal.SignalName}", definition.Dynamic ? [signal.SignalName] : null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A signal that cannot be read is dropped: failing the task would hold the workflow up for a sender's mistake.
            Logger.LogError(e, "Signal {SignalName} of workflow {WorkflowType} cannot be read and is dropped", signal.SignalName, Info.WorkflowType);
            return;
        }
        var running = _handlers.AddLast(new RunningHandler($"signal {signal.SignalName}", definition.UnfinishedPolicy));
        try
        {
            await Inbound.HandleSignalAsync(new(signal.SignalName, definition, arguments, signal.Header?.Fields));
        }
        finally
        {
            _handlers.Remove(running);
        }
    }

    void AssertHandlersMayChange() => AssertMayChange("modify workflow handlers");

    void WarnOfRunningHandlers()
    {
        var names = _handlers.Where(h => h.Policy == HandlerUnfinishedPolicy.WarnAndAbandon).Select(h => h.Name).ToArray();
        if (names.Length > 0)
            Logger.LogWarning(
                "[TMPRL1102] Workflow {WorkflowId} ended while handlers were running: {Handlers}. Wait for Workflow.AllHandlersFinished before it ends, or set UnfinishedPolicy",
                Info.WorkflowId, string.Join(", ", names));
    }

    /// <param name="method">Whose parameters the payloads are for.</param>
    /// <param name="payloads">As they came. Those beyond the parameters are left out.</param>
    /// <param name="what">Of what, for an error message.</param>
    /// <param name="dynamicPrefix">Not null: the method takes these and then all payloads, unread, as one array.</param>
    object?[] ReadArguments(System.Reflection.MethodInfo method, IReadOnlyList<Payload> payloads, string what, object?[]? dynamicPrefix)
    {
        if (dynamicPrefix != null) return [.. dynamicPrefix, payloads.Select(p => (IRawValue)new RawValue(p)).ToArray()];
        var parameters = method.GetParameters();
        if (payloads.Count < parameters.Length && !parameters[payloads.Count].HasDefaultValue)
            throw new InvalidOperationException($"{what} given {payloads.Count} parameter(s), but more than that are required by the signature");
        try
        {
            return [.. parameters.Select((p, i) => i < payloads.Count ? PayloadConverter.ToValue(payloads[i], p.ParameterType) : p.DefaultValue)];
        }
        // Converters and the types they fill are user code.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new InvalidOperationException($"{what} had failure decoding parameters", e);
        }
    }

    sealed record RunningHandler(string Name, HandlerUnfinishedPolicy Policy);
}
