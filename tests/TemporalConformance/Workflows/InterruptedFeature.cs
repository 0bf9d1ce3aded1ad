using Temporalio.Activities;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Workflows;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>
/// Uses one feature before and after a point at which a worker can be killed: in an activity, or in a local one, whose task is lost whole.
/// </summary>
[Workflow]
public sealed class InterruptedFeature
{
    readonly List<string> _seen = [];

    public static readonly string[] Features =
        ["activity", "local-activity", "timer", "signal", "query", "update", "child", "external", "patch", "continue-as-new", "upsert"];

    /// <summary>Whether this process is the one to be killed.</summary>
    public static bool Holds { get; set; }

    /// <summary>Does not return in the process to be killed.</summary>
    [Activity]
    public static async Task<string> Hold()
    {
        if (!Holds) return "held";
        Console.WriteLine($"held {ActivityExecutionContext.Current.Info.WorkflowId}");
        await Task.Delay(Timeout.Infinite);
        return "";
    }

    [WorkflowQuery]
    public string Seen => string.Join(' ', _seen);

    [WorkflowSignal]
    public async Task AddAsync(string text) => _seen.Add(await GreetAsync(text));

    [WorkflowUpdate]
    public async Task<string> ChangeAsync(bool local)
    {
        _seen.Add(await HoldAsync(local));
        return Seen;
    }

    [WorkflowRun]
    public async Task<string> RunAsync(string id, string feature, bool local, int run)
    {
        switch (feature)
        {
            case "activity":
                return $"{await GreetAsync("1")} {await HoldAsync(local)} {await GreetAsync("2")}";
            case "local-activity":
                return $"{await GreetLocallyAsync("1")} {await HoldAsync(local)} {await GreetLocallyAsync("2")}";
            case "timer":
                var timer = Workflow.DelayAsync(100);
                var held = await HoldAsync(local);
                await timer;
                await Workflow.DelayAsync(1);
                return $"{held} fired";
            case "signal":
                await Workflow.WaitConditionAsync(() => _seen.Count == 1);
                _seen.Add(await HoldAsync(local));
                await Workflow.WaitConditionAsync(() => _seen.Count == 3);
                return Seen;
            case "query":
                _seen.Add(await HoldAsync(local));
                await Workflow.WaitConditionAsync(() => _seen.Count == 2);
                return Seen;
            case "update":
                await Workflow.WaitConditionAsync(() => _seen.Count == 1 && Workflow.AllHandlersFinished);
                return Seen;
            case "child":
                var child = await Workflow.StartChildWorkflowAsync((SignalFeature w) => w.RunAsync(1), new() { Id = $"{id}/child" });
                held = await HoldAsync(local);
                await child.SignalAsync(w => w.AddAsync("child"));
                return $"{held} {await child.GetResultAsync()}";
            case "external":
                var other = Workflow.GetExternalWorkflowHandle<SignalFeature>($"{id}-other");
                await other.SignalAsync(w => w.AddAsync("1"));
                held = await HoldAsync(local);
                await other.SignalAsync(w => w.AddAsync("2"));
                return held;
            case "patch":
                var before = Workflow.Patched("first");
                held = await HoldAsync(local);
                return $"{before} {held} {Workflow.Patched("first")} {Workflow.Patched("second")}";
            case "continue-as-new":
                held = await HoldAsync(local);
                if (run == 0) throw Workflow.CreateContinueAsNewException((InterruptedFeature w) => w.RunAsync(id, feature, local, 1));
                return $"{held} {run}";
            default:
                Workflow.UpsertMemo(MemoUpdate.ValueSet("kept", "new"));
                held = await HoldAsync(local);
                Workflow.UpsertTypedSearchAttributes(SearchAttributeKey.CreateKeyword("BatcherUser").ValueSet("upserted"));
                var kept = Workflow.PayloadConverter.ToValue<string>(Workflow.Memo["kept"]);
                return string.Create(CultureInfo.InvariantCulture, $"{held} {kept} {Workflow.TypedSearchAttributes.Count}");
        }
    }

    static Task<string> GreetAsync(string name) =>
        Workflow.ExecuteActivityAsync((FeatureActivities a) => a.Greet(name), FeatureWorkflows.Options);

    static Task<string> GreetLocallyAsync(string name) =>
        Workflow.ExecuteLocalActivityAsync((FeatureActivities a) => a.Greet(name), FeatureWorkflows.LocalOptions);

    static Task<string> HoldAsync(bool local) => local
        ? Workflow.ExecuteLocalActivityAsync(() => Hold(), new() { StartToCloseTimeout = TimeSpan.FromMinutes(5) })
        : Workflow.ExecuteActivityAsync(
            () => Hold(),
            new() { StartToCloseTimeout = TimeSpan.FromSeconds(5),
                RetryPolicy = new() { InitialInterval = TimeSpan.FromMilliseconds(10) } });
}
