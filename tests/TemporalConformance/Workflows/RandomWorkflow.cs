using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>
/// Does what its seed says: activities, timers, waits for signals and children, one after another and side by
/// side, some of them cancelled. Notes the order in which things happened to it: a replay must see the same.
/// </summary>
[Workflow]
public sealed class RandomWorkflow
{
    readonly List<string> _trace = [];
    int _signals;

    /// <summary>How many signals a seed's workflow waits for in all.</summary>
    public static int SignalsOf(int seed) => 1 + seed % 3;

    [WorkflowQuery]
    public string Trace() => string.Join(' ', _trace);

    [WorkflowSignal]
    public async Task PokeAsync()
    {
        _signals++;
        _trace.Add($"poke{_signals}");
        if (_signals % 2 == 0) await Workflow.ExecuteActivityAsync((FeatureActivities a) => a.Greet("signal"), FeatureWorkflows.Options);
    }

    [WorkflowRun]
    public async Task<string> RunAsync(int seed)
    {
        var plan = new Random(seed);
        var steps = 2 + plan.Next(4);
        for (var step = 0; step < steps; step++)
        {
            var width = 1 + plan.Next(4);
            var branches = new List<Task>();
            for (var branch = 0; branch < width; branch++) branches.Add(DoAsync($"{step}.{branch}", plan.Next(7), plan.Next(30)));
            await Workflow.WhenAllAsync(branches);
        }
        await Workflow.WaitConditionAsync(() => _signals >= SignalsOf(seed));
        return Trace();
    }

    async Task DoAsync(string name, int kind, int milliseconds)
    {
        switch (kind)
        {
            case 0:
                await Workflow.ExecuteActivityAsync((FeatureActivities a) => a.Greet(name), FeatureWorkflows.Options);
                break;
            case 1:
                await Workflow.ExecuteActivityAsync((FeatureActivities a) => a.WaitAsync(milliseconds), FeatureWorkflows.Options);
                break;
            case 2:
                await Workflow.DelayAsync(milliseconds);
                break;
            case 3:
                await Workflow.WaitConditionAsync(() => _signals > 0, TimeSpan.FromMilliseconds(milliseconds));
                break;
            case 4:
                await Workflow.ExecuteActivityAsync((FeatureActivities a) => a.FailUntil(2), FeatureWorkflows.Options);
                await Workflow.DelayAsync(1);
                break;
            case 5:
                await Workflow.ExecuteChildWorkflowAsync((ContinueAsNewFeature w) => w.RunAsync(1));
                break;
            default:
                await CancelledAsync(milliseconds);
                break;
        }
        _trace.Add(name);
    }

    static async Task CancelledAsync(int milliseconds)
    {
        using var cancellation = new CancellationTokenSource();
        var options = FeatureWorkflows.Options;
        options.CancellationToken = cancellation.Token;
        var activity = Workflow.ExecuteActivityAsync((FeatureActivities a) => a.WaitAsync(5000), options);
        var timer = Workflow.DelayAsync(TimeSpan.FromHours(1), cancellation.Token);
        if (milliseconds % 2 == 0) await Workflow.DelayAsync(milliseconds);
        cancellation.Cancel();
        foreach (var task in (Task[])[activity, timer])
        {
            try
            {
                await task;
            }
            catch (Exception e) when (TemporalException.IsCanceledException(e))
            {
                // As asked.
            }
        }
    }
}
