using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Tests.Workflows;
using Temporalio.Workflows;

namespace Temporalio.Tests.Interop;

/// <summary>What its caller sent along, and what its activity got.</summary>
[Workflow]
public sealed class Headers
{
    [WorkflowRun]
    public async Task<string> RunAsync(string queue)
    {
        var got = await Workflow.ExecuteActivityAsync<string>("header", [], new() { TaskQueue = queue, StartToCloseTimeout = TimeSpan.FromSeconds(30) });
        return $"{HeaderInterceptor.Read(Workflow.Info.Headers)} {got}";
    }
}

[Workflow]
public sealed class Counter
{
    int _sum;
    bool _stopped;

    [WorkflowUpdate("add")]
    public async Task<int> AddAsync(int number)
    {
        await Workflow.DelayAsync(1);
        return _sum += number;
    }

    [WorkflowUpdateValidator(nameof(AddAsync))]
    public void ValidateAdd(int number)
    {
        if (number < 0) throw new ApplicationFailureException("only up", errorType: "Negative", nonRetryable: true);
    }

    [WorkflowUpdate("stop")]
    public Task StopAsync()
    {
        _stopped = true;
        return Task.CompletedTask;
    }

    [WorkflowRun]
    public async Task<int> RunAsync()
    {
        await Workflow.WaitConditionAsync(() => _stopped);
        return _sum;
    }
}

/// <summary>Its child runs on another queue, under the same type name; so does the run it continues as.</summary>
[Workflow]
public sealed class Across
{
    static readonly SearchAttributeKey<IReadOnlyCollection<string>> Keyword = SearchAttributeKey.CreateKeywordList("TemporalChangeVersion");

    [WorkflowRun]
    public async Task<string> RunAsync(string queue, int depth)
    {
        var memo = Workflow.Memo.TryGetValue("note", out var note) ? Workflow.PayloadConverter.ToValue<string>(note) : "none";
        var attribute = Workflow.TypedSearchAttributes.TryGetValue(Keyword, out var values) ? string.Join(',', values) : "none";
        if (depth == 0) return $"C#({memo} {attribute})";
        var attributes = new SearchAttributeCollection.Builder().Set(Keyword, ["csharp"]).ToSearchAttributeCollection();
        var child = await Workflow.ExecuteChildWorkflowAsync<string>("Across", [queue, 0], new()
        {
            Id = $"{Workflow.Info.WorkflowId}/child",
            TaskQueue = queue,
            Memo = new Dictionary<string, object> { ["note"] = "from C#" },
            TypedSearchAttributes = attributes,
        });
        if (depth == 1) return child;
        throw Workflow.CreateContinueAsNewException(
            "Across", [queue, 0], new() { TaskQueue = queue, Memo = new Dictionary<string, object> { ["note"] = child }, TypedSearchAttributes = attributes });
    }
}
