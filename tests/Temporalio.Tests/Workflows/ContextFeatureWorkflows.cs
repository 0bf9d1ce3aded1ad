using Temporalio.Workflows;

namespace Temporalio.Tests.Workflows;

/// <summary>Tells the worker's build at its first task and at the task of the signal, and again both at its end.</summary>
[Workflow]
public sealed class BuildsFeature
{
    readonly List<string> _builds = [];

    [WorkflowSignal]
    public Task GoAsync()
    {
        Note();
        return Task.CompletedTask;
    }

    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        Note();
        await Workflow.WaitConditionAsync(() => _builds.Count == 2);
        return string.Join(' ', _builds);
    }

    void Note() => _builds.Add($"{Workflow.CurrentDeploymentVersion?.DeploymentName}/{Workflow.CurrentBuildId}");
}

/// <summary>Counts once before a timer and once behind it.</summary>
[Workflow]
public sealed class MeteredFeature
{
    [WorkflowRun]
    public async Task RunAsync()
    {
        var counter = Workflow.MetricMeter.CreateCounter<int>("steps");
        counter.Add(1, [new("step", "before")]);
        await Workflow.DelayAsync(1);
        counter.Add(1, [new("step", "behind")]);
        Workflow.MetricMeter.CreateHistogram<TimeSpan>("took").Record(TimeSpan.FromMilliseconds(3));
        Workflow.MetricMeter.CreateGauge<double>("level").Set(1.5);
    }
}

/// <summary>Waits in two places until it is told to go.</summary>
[Workflow]
public sealed class WaitingFeature
{
    bool _going;

    [WorkflowSignal]
    public Task GoAsync()
    {
        _going = true;
        return Task.CompletedTask;
    }

    [WorkflowRun]
    public Task RunAsync() => Workflow.WhenAllAsync(WaitForSignalAsync(), WaitForTimerAsync());

    async Task WaitForSignalAsync() => await Workflow.WaitConditionAsync(() => _going);

    async Task WaitForTimerAsync()
    {
        using var stopped = new CancellationTokenSource();
        var timer = Workflow.DelayAsync(TimeSpan.FromHours(1), stopped.Token);
        await WaitForSignalAsync();
        stopped.Cancel();
        await Workflow.WhenAnyAsync(timer);
    }
}

/// <summary>Does, unwatched, what would fail its task otherwise; and what it must not do there either.</summary>
[Workflow]
public sealed class UnwatchedFeature
{
    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        var elsewhere = Workflow.Unsafe.WithTracingEventListenerDisabled(() => Task.Run(() => 7));
        try
        {
            Workflow.Unsafe.WithTracingEventListenerDisabled(() => { _ = Workflow.DelayAsync(1); });
        }
        catch (InvalidOperationException e)
        {
            await Workflow.DelayAsync(1);
            return $"{elsewhere != null} {e.Message}";
        }
        return "not noticed";
    }
}

/// <summary>Its constructor sees the arguments before any handler runs.</summary>
[Workflow]
public sealed class InitFeature
{
    readonly List<string> _seen;

    [WorkflowInit]
    public InitFeature(string first, int _) => _seen = [first];

    [WorkflowSignal]
    public Task AddAsync(string text)
    {
        _seen.Add(text);
        return Task.CompletedTask;
    }

    [WorkflowRun]
    public Task<string> RunAsync(string first, int count) => Task.FromResult($"{first} {count} {string.Join(' ', _seen)}");
}

/// <summary>Ends, if told so, while its handlers still run.</summary>
[Workflow]
public sealed class UnfinishedFeature
{
    bool _ending;
    bool _waits;

    [WorkflowSignal]
    public Task HangAsync() => Workflow.DelayAsync(TimeSpan.FromSeconds(2));

    [WorkflowSignal(UnfinishedPolicy = HandlerUnfinishedPolicy.Abandon)]
    public Task HangSilentlyAsync() => Workflow.DelayAsync(TimeSpan.FromHours(1));

    [WorkflowUpdate]
    public Task HangForUpdateAsync() => Workflow.DelayAsync(TimeSpan.FromSeconds(2));

    [WorkflowSignal]
    public Task EndAsync(bool waits)
    {
        (_ending, _waits) = (true, waits);
        return Task.CompletedTask;
    }

    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        await Workflow.WaitConditionAsync(() => _ending);
        var before = Workflow.AllHandlersFinished;
        if (_waits) await Workflow.WaitConditionAsync(() => Workflow.AllHandlersFinished);
        return $"{before} {Workflow.AllHandlersFinished} {Workflow.CurrentUpdateInfo == null}";
    }
}

/// <summary>More and longer patches than the search attribute has room for.</summary>
[Workflow]
public sealed class ManyPatchesFeature
{
    public const int Count = 12;

    // Ten of them make 2,031 bytes of JSON.
    public static string Id(int number) => $"{number:00}{new string('x', 198)}";

    [WorkflowRun]
    public async Task<int> RunAsync()
    {
        var patched = Enumerable.Range(0, Count).Count(i => Workflow.Patched(Id(i)));
        await Workflow.DelayAsync(1);
        return patched;
    }
}

/// <summary>Asks for two patches before a timer and for the same ones behind it.</summary>
[Workflow]
public sealed class DecidedPatchesFeature
{
    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        var before = $"{Workflow.Patched("taken")} {Workflow.Patched("left")}";
        await Workflow.DelayAsync(1);
        return $"{before} {Workflow.Patched("taken")} {Workflow.Patched("left")}";
    }
}

/// <summary>The id of its child is a random one, and so is what it adds after the signal.</summary>
[Workflow]
public sealed class RandomFeature
{
    bool _going;

    [WorkflowSignal]
    public Task GoAsync()
    {
        _going = true;
        return Task.CompletedTask;
    }

    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        var child = await Workflow.StartChildWorkflowAsync((SignalFeature w) => w.RunAsync(0));
        await child.GetResultAsync();
        await Workflow.WaitConditionAsync(() => _going);
        return $"{child.Id} {Workflow.NewGuid()}";
    }
}
