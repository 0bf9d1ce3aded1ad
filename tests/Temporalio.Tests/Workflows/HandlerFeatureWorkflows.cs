using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Temporalio.Tests.Workflows;

/// <summary>Takes every workflow type, signal, query and update that nothing else takes; fails, when told to, by an exception that only its options make a failure.</summary>
[Workflow(Dynamic = true)]
public sealed class DynamicFeature
{
    readonly List<string> _seen = [];

    [WorkflowDynamicOptions]
    public WorkflowDefinitionOptions Options() => new() { FailureExceptionTypes = [typeof(NotSupportedException)] };

    [WorkflowRun]
    public async Task<string> RunAsync(IRawValue[] args)
    {
        _seen.Add($"{Workflow.Info.WorkflowType}({Workflow.PayloadConverter.ToValue<string>(args[0])})");
        await Workflow.WaitConditionAsync(() => _seen.Count == 3);
        if (args.Length > 1) throw new NotSupportedException("as the options say");
        return string.Join(' ', _seen);
    }

    [WorkflowSignal(Dynamic = true)]
    public async Task AnySignalAsync(string name, IRawValue[] args)
    {
        await Workflow.DelayAsync(1);
        _seen.Add($"{name}({Workflow.PayloadConverter.ToValue<int>(args[0])})");
    }

    [WorkflowQuery(Dynamic = true)]
    public string AnyQuery(string name, IRawValue[] args) => $"{Workflow.Info.WorkflowType} {name} {args.Length} {_seen.Count}";

    [WorkflowUpdate(Dynamic = true)]
    public Task<string> AnyUpdateAsync(string name, IRawValue[] args)
    {
        _seen.Add(name);
        return Task.FromResult($"{name} {args.Length}");
    }

    [WorkflowUpdateValidator(nameof(AnyUpdateAsync))]
    public void Validate(string name, IRawValue[] args)
    {
        if (args.Length == 0) throw new ApplicationFailureException($"{name} needs an argument");
    }
}

/// <summary>Sets its handlers while it runs: signals that came before wait for theirs.</summary>
[Workflow]
public sealed class RuntimeHandlersFeature
{
    readonly List<string> _seen = [];

    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        Workflow.CurrentDetails = "no handlers yet";
        await Workflow.DelayAsync(10);
        var early = _seen.Count;
        Workflow.Signals["named"] = WorkflowSignalDefinition.CreateWithoutAttribute(
            "named",
            (string text) =>
            {
                _seen.Add($"named({text})");
                return Task.CompletedTask;
            });
        await Workflow.DelayAsync(1);
        Workflow.DynamicSignal = WorkflowSignalDefinition.CreateWithoutAttribute(
            null,
            (string name, IRawValue[] args) =>
            {
                _seen.Add($"{name}[{args.Length}]");
                return Task.CompletedTask;
            });
        Workflow.Queries["seen"] = WorkflowQueryDefinition.CreateWithoutAttribute("seen", () => string.Join(' ', _seen), "What came so far.");
        Workflow.Updates["finish"] = WorkflowUpdateDefinition.CreateWithoutAttribute(
            "finish",
            async (string text) =>
            {
                await Workflow.DelayAsync(1);
                _seen.Add(text);
                return _seen.Count;
            },
            validatorDel: (string text) =>
            {
                if (text.Length == 0) throw new ApplicationFailureException("empty");
            });
        Workflow.CurrentDetails = "all handlers set";
        await Workflow.WaitConditionAsync(() => _seen is [.., "done"] && Workflow.AllHandlersFinished);
        return $"{early}: {string.Join(' ', _seen)}";
    }
}

/// <summary>Two places for four tasks, a mutex around a part of each; the last may not wait.</summary>
[Workflow]
public sealed class SemaphoreFeature
{
    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        var places = new Temporalio.Workflows.Semaphore(2);
        var mutex = new Temporalio.Workflows.Mutex();
        var (inside, insideMost, written) = (0, 0, new List<int>());
        await Workflow.WhenAllAsync(Enumerable.Range(1, 4).Select(async number =>
        {
            await places.WaitAsync();
            insideMost = Math.Max(insideMost, ++inside);
            await Workflow.DelayAsync(10);
            await mutex.WaitOneAsync();
            written.Add(number);
            await Workflow.DelayAsync(1);
            mutex.ReleaseMutex();
            inside--;
            places.Release();
        }));
        var (first, second) = (await mutex.WaitOneAsync(0), await mutex.WaitOneAsync(10));
        return $"{insideMost} {string.Join(',', written)} {places.CurrentCount} {first} {second}";
    }
}
