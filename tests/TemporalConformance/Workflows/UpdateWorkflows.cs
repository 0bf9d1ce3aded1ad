using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>Takes updates of every kind until it is told to stop; what it has stands in its result.</summary>
[Workflow]
public sealed class UpdateFeature
{
    readonly List<string> _items = [];
    bool _open;
    bool _stopped;

    [WorkflowQuery]
    public string Items => string.Join(' ', _items);

    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        await Workflow.WaitConditionAsync(() => _stopped);
        await Workflow.WaitConditionAsync(() => Workflow.AllHandlersFinished);
        return Items;
    }

    [WorkflowUpdate(Description = "Adds an item and returns how many there are.")]
    public async Task<int> AddAsync(string item)
    {
        var greeting = await Workflow.ExecuteActivityAsync((FeatureActivities a) => a.Greet(item), FeatureWorkflows.Options);
        _items.Add(greeting);
        return _items.Count;
    }

    [WorkflowUpdateValidator(nameof(AddAsync))]
    public void ValidateAdd(string item)
    {
        if (item.Length == 0) throw new ApplicationFailureException("an item has a name", errorType: "NoName");
    }

    [WorkflowUpdate]
    public Task<string> NameItAsync()
    {
        var info = Workflow.CurrentUpdateInfo!;
        return Task.FromResult($"{info.Id} {info.Name}");
    }

    [WorkflowUpdate]
    public async Task FailAsync()
    {
        await Workflow.DelayAsync(1);
        throw new ApplicationFailureException("as asked", errorType: "Asked", details: ["detail"]);
    }

    [WorkflowUpdate]
    public async Task<string> WaitUntilOpenAsync()
    {
        await Workflow.WaitConditionAsync(() => _open);
        return $"{Workflow.CurrentUpdateInfo!.Name} open";
    }

    [WorkflowSignal]
    public Task OpenAsync()
    {
        _open = true;
        return Task.CompletedTask;
    }

    [WorkflowUpdate("stop")]
    public async Task StopAsync()
    {
        _stopped = true;
        await Workflow.ExecuteLocalActivityAsync((FeatureActivities a) => a.Greet("stop"), FeatureWorkflows.LocalOptions);
    }
}
