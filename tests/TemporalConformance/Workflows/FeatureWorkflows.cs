using Temporalio.Activities;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>One small workflow a feature.</summary>
static class FeatureWorkflows
{
    public static readonly Type[] All =
    [
        typeof(ActivityFeature), typeof(LocalActivityFeature), typeof(LongLocalActivityFeature),
        typeof(ChildFeature), typeof(ChildCancelFeature), typeof(ExternalFeature), typeof(UpsertFeature),
        typeof(TimerFeature), typeof(SignalFeature), typeof(CancelFeature), typeof(PatchFeature),
        typeof(ContinueAsNewFeature), typeof(FailureFeature),
        typeof(UpdateFeature), typeof(InterceptedFeature), typeof(InterruptedFeature),
    ];

    public static TemporalWorkerOptions WorkerOptions(string queue)
    {
        var options = new TemporalWorkerOptions(queue).AddAllActivities(new FeatureActivities()).AddActivity(InterruptedFeature.Hold);
        foreach (var workflow in All) options.AddWorkflow(workflow);
        return options;
    }

    public static ActivityOptions Options => new() { StartToCloseTimeout = TimeSpan.FromSeconds(10), RetryPolicy = Retries };

    public static LocalActivityOptions LocalOptions => new() { StartToCloseTimeout = TimeSpan.FromSeconds(10), RetryPolicy = Retries };

    static RetryPolicy Retries => new() { InitialInterval = TimeSpan.FromMilliseconds(10), MaximumAttempts = 3 };
}

/// <summary>What the feature workflows call.</summary>
sealed class FeatureActivities
{
    [Activity]
    public string Greet(string name) => $"Hello, {name}!";

    [Activity]
    public async Task WaitAsync(int milliseconds) => await Task.Delay(milliseconds, ActivityExecutionContext.Current.CancellationToken);

    [Activity]
    public int FailUntil(int attempt) => ActivityExecutionContext.Current.Info.Attempt is var now && now < attempt
        ? throw new ApplicationFailureException($"attempt {now}", errorType: "TooEarly")
        : now;

    [Activity]
    public void Fail() =>
        throw new ApplicationFailureException("cannot be done", details: ["why", 7], errorType: "Impossible", nonRetryable: true);
}

[Workflow]
public sealed class ActivityFeature
{
    [WorkflowRun]
    public async Task<string> RunAsync(string name)
    {
        var greeting = await Workflow.ExecuteActivityAsync((FeatureActivities a) => a.Greet(name), FeatureWorkflows.Options);
        var attempt = await Workflow.ExecuteActivityAsync((FeatureActivities a) => a.FailUntil(2), FeatureWorkflows.Options);
        try
        {
            await Workflow.ExecuteActivityAsync((FeatureActivities a) => a.Fail(), FeatureWorkflows.Options);
            return "did not fail";
        }
        catch (ActivityFailureException e) when (e.InnerException is ApplicationFailureException inner)
        {
            return $"{greeting} {attempt} {e.ActivityType}/{e.ActivityId} "
                + $"{inner.ErrorType} {inner.Message} {inner.Details.ElementAt<int>(1)}";
        }
    }
}

[Workflow]
public sealed class LocalActivityFeature
{
    [WorkflowRun]
    public async Task<string> RunAsync(string name)
    {
        var before = Workflow.UtcNow;
        var greeting = await Workflow.ExecuteLocalActivityAsync((FeatureActivities a) => a.Greet(name), FeatureWorkflows.LocalOptions);
        var attempt = await Workflow.ExecuteLocalActivityAsync((FeatureActivities a) => a.FailUntil(3), FeatureWorkflows.LocalOptions);
        await Workflow.ExecuteLocalActivityAsync((FeatureActivities a) => a.WaitAsync(50), FeatureWorkflows.LocalOptions);
        var moved = Workflow.UtcNow - before >= TimeSpan.FromMilliseconds(40);
        try
        {
            await Workflow.ExecuteLocalActivityAsync((FeatureActivities a) => a.Fail(), FeatureWorkflows.LocalOptions);
            return "did not fail";
        }
        catch (ApplicationFailureException e)
        {
            return $"{greeting} {attempt} {moved} {e.ErrorType} {e.Message}";
        }
    }
}

[Workflow]
public sealed class LongLocalActivityFeature
{
    [WorkflowRun]
    public Task RunAsync(int milliseconds) =>
        Workflow.ExecuteLocalActivityAsync((FeatureActivities a) => a.WaitAsync(milliseconds), FeatureWorkflows.LocalOptions);
}

[Workflow]
public sealed class TimerFeature
{
    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        var started = Workflow.UtcNow;
        await Workflow.DelayAsync(100);
        var fired = Workflow.UtcNow - started >= TimeSpan.FromMilliseconds(100);
        using var taken = new CancellationTokenSource();
        var never = Workflow.DelayAsync(TimeSpan.FromHours(1), taken.Token);
        await Workflow.DelayAsync(10);
        taken.Cancel();
        var cancelled = false;
        try
        {
            await never;
        }
        catch (OperationCanceledException)
        {
            cancelled = true;
        }
        var met = await Workflow.WaitConditionAsync(() => false, TimeSpan.FromMilliseconds(10));
        return $"{fired} {cancelled} {met}";
    }
}

[Workflow]
public sealed class SignalFeature
{
    readonly List<string> _names = [];

    [WorkflowQuery]
    public int Count => _names.Count;

    [WorkflowQuery]
    public string Name(int index) => _names[index];

    [WorkflowSignal]
    public async Task AddAsync(string name)
    {
        _names.Add(await Workflow.ExecuteActivityAsync((FeatureActivities a) => a.Greet(name), FeatureWorkflows.Options));
    }

    [WorkflowRun]
    public async Task<string> RunAsync(int count)
    {
        await Workflow.WaitConditionAsync(() => _names.Count >= count);
        return string.Join(' ', _names);
    }
}

[Workflow]
public sealed class CancelFeature
{
    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        try
        {
            await Workflow.DelayAsync(Timeout.InfiniteTimeSpan);
        }
        finally
        {
            // What must be done in spite of the cancellation does not use the workflow's token.
            var options = FeatureWorkflows.Options;
            options.CancellationToken = CancellationToken.None;
            await Workflow.ExecuteActivityAsync((FeatureActivities a) => a.Greet("clean-up"), options);
        }
        return "was not cancelled";
    }
}

[Workflow]
public sealed class PatchFeature
{
    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        var patched = Workflow.Patched("greet-twice");
        var greeting = await Workflow.ExecuteActivityAsync((FeatureActivities a) => a.Greet("1"), FeatureWorkflows.Options);
        if (patched) greeting += await Workflow.ExecuteActivityAsync((FeatureActivities a) => a.Greet("2"), FeatureWorkflows.Options);
        return $"{greeting} {Workflow.Patched("greet-twice")}";
    }
}

[Workflow]
public sealed class ContinueAsNewFeature
{
    [WorkflowRun]
    public async Task<string> RunAsync(int runs)
    {
        await Workflow.DelayAsync(1);
        if (runs > 1) throw Workflow.CreateContinueAsNewException((ContinueAsNewFeature w) => w.RunAsync(runs - 1));
        return Workflow.Info.ContinuedRunId == null ? "only" : "last";
    }
}

[Workflow]
public sealed class FailureFeature
{
    [WorkflowRun]
    public Task RunAsync() =>
        throw new ApplicationFailureException("as asked", details: ["detail"], errorType: "Asked", nonRetryable: true);
}
