using LogPipeline.TestSupport;
using Temporalio.Client;

namespace Temporalio.Tests.Client;

/// <summary>Temporal asks its clients every few minutes to open a new connection; here it asks every two seconds.</summary>
public sealed class GoAwayTests
{
    [SkippableFact]
    public async Task CallsWithoutRetryAndALongPollOutliveTheServersGoAways()
    {
        RealServers.SkipIfMissing();
        var address = $"127.0.0.1:{FreePort.Next()}";
        await using var process = ChildProcess.Start(
            RealServers.Temporal,
            ["server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", address.Split(':')[1], "--log-level", "error",
             "--dynamic-config-value", "frontend.keepAliveMaxConnectionAge=\"2s\"",
             "--dynamic-config-value", "frontend.keepAliveMaxConnectionAgeGrace=\"70s\""]);
        var client = await Eventually.GetAsync(() => TryConnectAsync(address), found => found is not null, TimeSpan.FromSeconds(60));
        await Eventually.TrueAsync(() => HasNamespaceAsync(client!), TimeSpan.FromSeconds(60));

        var queue = $"queue-{Guid.NewGuid():n}";
        var poll = client!.WorkflowService.PollWorkflowTaskQueueAsync(new() { Namespace = "default", TaskQueue = new() { Name = queue } });
        var until = DateTime.UtcNow.AddSeconds(9);
        var calls = 0;
        while (DateTime.UtcNow < until)
        {
            // Health has no rate limit, so that whatever fails here failed on the way.
            (await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.Connection.CheckHealthAsync()))).ShouldAllBe(healthy => healthy);
            calls += 4;
        }
        calls.ShouldBeGreaterThan(100);
        poll.IsCompleted.ShouldBeFalse();
        var handle = await client.StartWorkflowAsync("Sleeper", [], new($"polled-{queue}", queue));
        (await poll).WorkflowExecution.RunId.ShouldBe(handle.ResultRunId);
    }

    static async Task<TemporalClient?> TryConnectAsync(string address)
    {
        try
        {
            return await TemporalClient.ConnectAsync(new(address));
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    static async Task<bool> HasNamespaceAsync(TemporalClient client)
    {
        try
        {
            await client.WorkflowService.DescribeNamespaceAsync(new() { Namespace = "default" });
            return true;
        }
        catch (Temporalio.Exceptions.RpcException)
        {
            return false;
        }
    }
}
