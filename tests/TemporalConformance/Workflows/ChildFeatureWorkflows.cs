using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>One child returns, one is signalled, one fails.</summary>
[Workflow]
public sealed class ChildFeature
{
    [WorkflowRun]
    public async Task<string> RunAsync(string id)
    {
        var greeting = await Workflow.ExecuteChildWorkflowAsync(
            (TimerFeature w) => w.RunAsync(), new() { Id = $"{id}/timer", StaticSummary = "a child" });
        var signalled = await Workflow.StartChildWorkflowAsync((SignalFeature w) => w.RunAsync(1), new() { Id = $"{id}/signal" });
        await signalled.SignalAsync(w => w.AddAsync("Ann"));
        var names = await signalled.GetResultAsync();
        try
        {
            await Workflow.ExecuteChildWorkflowAsync((FailureFeature w) => w.RunAsync(), new() { Id = $"{id}/failure" });
            return "did not fail";
        }
        catch (ChildWorkflowFailureException e) when (e.InnerException is ApplicationFailureException inner)
        {
            return $"{greeting} | {names} | {e.WorkflowType} {inner.ErrorType} {inner.Message}";
        }
    }
}

/// <summary>Cancels a child in each of the ways.</summary>
[Workflow]
public sealed class ChildCancelFeature
{
    [WorkflowRun]
    public async Task<string> RunAsync(string id)
    {
        var outcomes = new List<string>();
        foreach (var type in Enum.GetValues<ChildWorkflowCancellationType>())
        {
            using var cancellation = new CancellationTokenSource();
            var child = await Workflow.StartChildWorkflowAsync(
                (CancelFeature w) => w.RunAsync(),
                new()
                {
                    Id = $"{id}/{type}",
                    CancellationType = type,
                    CancellationToken = cancellation.Token,
                    ParentClosePolicy = ParentClosePolicy.RequestCancel,
                });
            cancellation.Cancel();
            try
            {
                await child.GetResultAsync();
            }
            catch (ChildWorkflowFailureException e) when (e.InnerException is CanceledFailureException)
            {
                outcomes.Add(type.ToString());
            }
        }
        return string.Join(' ', outcomes);
    }
}

/// <summary>Signals and cancels a workflow that is not its child, and one that does not exist.</summary>
[Workflow]
public sealed class ExternalFeature
{
    [WorkflowRun]
    public async Task<string> RunAsync(string toSignal, string toCancel)
    {
        await Workflow.GetExternalWorkflowHandle<SignalFeature>(toSignal).SignalAsync(w => w.AddAsync("Ann"));
        await Workflow.GetExternalWorkflowHandle(toCancel).CancelAsync();
        try
        {
            await Workflow.GetExternalWorkflowHandle($"{toSignal}/nobody").SignalAsync("Add", ["Ann"]);
            return "was signalled";
        }
        catch (ApplicationFailureException e)
        {
            return e.Message;
        }
    }
}

/// <summary>Changes its memo and a search attribute.</summary>
[Workflow]
public sealed class UpsertFeature
{
    static readonly SearchAttributeKey<string> User = SearchAttributeKey.CreateKeyword("BatcherUser");
    static readonly SearchAttributeKey<string> Removed = SearchAttributeKey.CreateKeyword("BatcherNamespace");

    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        Workflow.UpsertMemo(MemoUpdate.ValueSet("kept", "new"), MemoUpdate.ValueUnset("removed"));
        await Workflow.DelayAsync(1);
        Workflow.UpsertTypedSearchAttributes(User.ValueSet("upserted"), Removed.ValueUnset());
        var memo = string.Join(',', Workflow.Memo.Select(m => $"{m.Key}={Workflow.PayloadConverter.ToValue<string>(m.Value)}"));
        return $"{memo} {Workflow.TypedSearchAttributes.Get(User)}";
    }
}
