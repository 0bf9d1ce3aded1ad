using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Temporalio.Exceptions;
using Temporalio.Tests.Workflows;
using Temporalio.Workflows;

namespace Temporalio.Tests.Interop;

/// <summary>The equals of tests/Interop/workflows.js.</summary>
static class InteropWorkflows
{
    public static readonly Type[] All = [typeof(Collect), typeof(CallActivity), typeof(Describe), typeof(Give), typeof(GiveNothing), typeof(Mixed), typeof(Headers), typeof(Counter), typeof(Across)];
}

[Workflow]
public sealed class Collect
{
    readonly List<string> _items = [];

    [WorkflowSignal("add")]
    public Task AddAsync(string item)
    {
        _items.Add(item);
        return Task.CompletedTask;
    }

    [WorkflowQuery("count")]
    public int Count => _items.Count;

    [WorkflowQuery("item")]
    public string Item(int index) => _items[index];

    [WorkflowRun]
    public async Task<string> RunAsync(int count)
    {
        await Workflow.WaitConditionAsync(() => _items.Count >= count);
        return string.Join(' ', _items);
    }
}

[Workflow]
public sealed class CallActivity
{
    [WorkflowRun]
    public Task<string> RunAsync(string queue, string name, string[] args) => Workflow.ExecuteActivityAsync<string>(name, args, new()
    {
        TaskQueue = queue,
        StartToCloseTimeout = TimeSpan.FromSeconds(30),
        RetryPolicy = new() { InitialInterval = TimeSpan.FromMilliseconds(200), BackoffCoefficient = 1, NonRetryableErrorTypes = ["TypeError", "InvalidOperationException"] },
    });
}

/// <summary>An object as both sides write it.</summary>
public sealed record Person([property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("tags")] string[] Tags);

[Workflow]
public sealed class Describe
{
    static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [WorkflowRun]
    public Task<string> RunAsync(string? none, string text, int whole, double fraction, bool yes, Person person, byte[] bytes, string? nothing) =>
        Task.FromResult(string.Join(" | ", new object?[] { none, text, whole, fraction, yes, person, bytes, nothing }.Select(Text)));

    static string Text(object? value) => value is byte[] bytes ? $"bytes {string.Join(',', bytes)}" : JsonSerializer.Serialize(value, Plain);
}

[Workflow]
public sealed class Give
{
    public static readonly IReadOnlyDictionary<string, object?> Values = new Dictionary<string, object?>
    {
        ["null"] = null,
        ["text"] = "Größe 日本",
        ["whole"] = 42,
        ["fraction"] = 1.5,
        ["yes"] = true,
        ["object"] = new Person("Ann", ["a", "b"]),
        ["bytes"] = new byte[] { 0, 1, 254, 255 },
    };

    [WorkflowRun]
    public Task<object?> RunAsync(string kind) => Task.FromResult(Values[kind]);
}

[Workflow]
public sealed class GiveNothing
{
    [WorkflowRun]
    public Task RunAsync() => Task.CompletedTask;
}

/// <summary>A little of everything that history records, step by step the TypeScript one. Recorded histories of both are replayed: do not change it.</summary>
[Workflow]
public sealed class Mixed
{
    bool _going;

    [WorkflowSignal("go")]
    public Task GoAsync()
    {
        _going = true;
        return Task.CompletedTask;
    }

    [WorkflowRun]
    public async Task<string> RunAsync(string name)
    {
        List<string> said = [];
        await Workflow.DelayAsync(50);
        said.Add(await GreetAsync(name));
        said.Add(await GreetLocallyAsync("local"));
        if (Workflow.Patched("second-greeting")) said.Add(await GreetAsync("patched"));
        said.Add(await FailureOfAsync(() => Workflow.ExecuteActivityAsync((InteropActivities a) => a.Fail(), FeatureWorkflows.Options)));
        said.Add(await FailureOfAsync(() => Workflow.ExecuteLocalActivityAsync((InteropActivities a) => a.Fail(), FeatureWorkflows.LocalOptions)));
        await Workflow.WaitConditionAsync(() => _going);
        said.Add(await Workflow.WaitConditionAsync(() => false, 20) ? "true" : "false");
        said.Add(await CancelTimerAsync());
        var one = GreetLocallyAsync("one");
        var two = GreetAsync("two");
        await Workflow.WhenAllAsync(one, two, Workflow.DelayAsync(30));
        said.AddRange([await one, await two, Workflow.Patched("second-greeting") ? "true" : "false"]);
        return string.Join(' ', said);
    }

    static Task<string> GreetAsync(string name) => Workflow.ExecuteActivityAsync((InteropActivities a) => a.Greet(name), FeatureWorkflows.Options);

    static Task<string> GreetLocallyAsync(string name) => Workflow.ExecuteLocalActivityAsync((InteropActivities a) => a.Greet(name), FeatureWorkflows.LocalOptions);

    static async Task<string> CancelTimerAsync()
    {
        using var scope = new CancellationTokenSource();
        var timer = Workflow.DelayAsync(TimeSpan.FromHours(1), scope.Token);
        await Workflow.DelayAsync(10);
        scope.Cancel();
        try
        {
            await timer;
            return "fired";
        }
        catch (OperationCanceledException)
        {
            return "cancelled";
        }
    }

    static async Task<string> FailureOfAsync(Func<Task> call)
    {
        try
        {
            await call();
            return "did not fail";
        }
        catch (FailureException e)
        {
            var outer = e is ActivityFailureException activity ? $"{activity.ActivityType}/{activity.ActivityId} " : "";
            var inner = (ApplicationFailureException)(e is ActivityFailureException ? e.InnerException! : e);
            return $"{outer}{inner.ErrorType} {inner.Details.ElementAt<int>(1)}";
        }
    }
}
