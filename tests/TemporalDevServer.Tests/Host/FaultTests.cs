using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace TemporalDevServer.Tests.Host;

public sealed class FaultTests
{
    const int Workflows = 100;

    [Fact]
    public async Task ARefusedCallIsNotCarriedOutAndTheNextIs()
    {
        var faults = new CallFaults(seed: 1);
        await using var server = await DevServer.StartAsync(new DevServerOptions { Interceptors = [faults] });
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address));
        faults.Refuse("StartWorkflowExecution", code: 7, times: 1);
        (await Should.ThrowAsync<RpcException>(() => StartAsync(client, "id"))).Code.ShouldBe(
            RpcException.StatusCode.PermissionDenied);
        (await client.CountWorkflowsAsync("")).Count.ShouldBe(0);
        await StartAsync(client, "id");
        (await client.CountWorkflowsAsync("")).Count.ShouldBe(1);
        faults.Struck.ShouldBe(1);
    }

    [Fact]
    public async Task ADelayedCallIsCarriedOutLater()
    {
        var faults = new CallFaults(seed: 1);
        await using var server = await DevServer.StartAsync(new DevServerOptions { Interceptors = [faults] });
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address));
        faults.Delay("StartWorkflowExecution", TimeSpan.FromMilliseconds(300), times: 1);
        var started = System.Diagnostics.Stopwatch.StartNew();
        await StartAsync(client, "id");
        started.Elapsed.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(290));
    }

    [Fact]
    public void TheSameSeedStrikesTheSameCalls()
    {
        Struck(7).ShouldBe(Struck(7));
        Struck(7).ShouldNotBe(Struck(8));
        Struck(7).Count(struck => struck).ShouldBeInRange(5, 20);

        static bool[] Struck(int seed)
        {
            var faults = new CallFaults(seed);
            faults.TimeOutAfterDoing("A", 0.1);
            return [.. Enumerable.Range(0, 100).Select(_ => faults.Next("A").LoseAnswer)];
        }
    }

    [Fact]
    public async Task WhatWasDoneButLookedTimedOutIsDoneOnce()
    {
        var faults = new CallFaults(seed: 5);
        await using var server = await DevServer.StartAsync(new DevServerOptions { Interceptors = [faults] });
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address));
        string[] calls = ["StartWorkflowExecution", "SignalWorkflowExecution", "RespondWorkflowTaskCompleted"];
        foreach (var call in calls)
            faults.TimeOutAfterDoing(call, 0.1);
        using var worker = new TemporalWorker(client, new TemporalWorkerOptions("q").AddWorkflow<Sum>());
        await worker.ExecuteAsync(async () =>
        {
            var handles = await Task.WhenAll(
                Enumerable.Range(0, Workflows).Select(number => AgainAsync(() => StartAsync(client, $"sum-{number}"))));
            await Task.WhenAll(handles.Select(handle => AgainAsync(() => SignalAsync(handle, "add", 1))));
            await Task.WhenAll(handles.Select(handle => AgainAsync(() => SignalAsync(handle, "close"))));
            foreach (var handle in handles) (await handle.GetResultAsync<int>()).ShouldBe(1, handle.Id);
        });
        (await client.CountWorkflowsAsync("")).Count.ShouldBe(Workflows);
        faults.Struck.ShouldBeGreaterThan(Workflows / 10);
    }

    static Task<WorkflowHandle> StartAsync(TemporalClient client, string id) =>
        client.StartWorkflowAsync(
            "Sum",
            [],
            new WorkflowOptions(id, "q") { IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting });

    static async Task<bool> SignalAsync(WorkflowHandle handle, string signal, params object[] arguments)
    {
        try
        {
            await handle.SignalAsync(signal, arguments);
        }
        catch (RpcException e) when (e.Code is RpcException.StatusCode.DeadlineExceeded)
        {
            // It was done: a second signal would be one too many.
        }
        return true;
    }

    static async Task<T> AgainAsync<T>(Func<Task<T>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (RpcException e) when (e.Code is RpcException.StatusCode.DeadlineExceeded)
            {
                // Asked again, as a caller does who cannot know.
            }
        }
    }
}

/// <summary>Adds up what it is told until it is closed.</summary>
[Workflow]
public sealed class Sum
{
    int _total;
    bool _closed;

    [WorkflowRun]
    public async Task<int> RunAsync()
    {
        await Workflow.WaitConditionAsync(() => _closed);
        return _total;
    }

    [WorkflowSignal("add")]
    public Task AddAsync(int number)
    {
        _total += number;
        return Task.CompletedTask;
    }

    [WorkflowSignal("close")]
    public Task CloseAsync()
    {
        _closed = true;
        return Task.CompletedTask;
    }
}
