using LogPipeline.TestSupport;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>Workflow interceptors and headers on a real server.</summary>
public abstract class InterceptorTests(ITemporalServer temporal) : FeatureTests(temporal)
{
    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public async Task HeadersPassEveryCallInAndOut(int cached)
    {
        var runIds = new List<string>();
        await RunAsync(
            cached,
            async client =>
            {
                var other = await client.StartWorkflowAsync((SignalFeature w) => w.RunAsync(2), Options());
                var options = Options();
                var handle = await client.StartWorkflowAsync((InterceptedFeature w) => w.RunAsync(options.Id!, other.Id, true), options);
                runIds.AddRange([handle.FirstExecutionRunId!, other.FirstExecutionRunId!]);
                await Eventually.TrueAsync(
                    async () => await handle.QueryAsync<string>("Seen", []) == "activity local <client", TimeSpan.FromSeconds(30));
                (await handle.ExecuteUpdateAsync<string>("GoOn", ["on"])).ShouldBe("activity local on!");
                (await handle.GetResultAsync()).ShouldBe("continue");
                await Should.ThrowAsync<WorkflowFailedException>(() => other.GetResultAsync());
                return (client.GetWorkflowHandle(handle.Id, handle.FirstExecutionRunId), null);
            },
            connect => connect.Interceptors = [new ClientHeaders()],
            worker =>
            {
                worker.Interceptors = [new HeaderInterceptor()];
                worker.AddActivity(HeaderInterceptor.Header);
            });
        // The update may come at any time after the local activity.
        HeaderInterceptor.CallsOf(runIds[0]).Replace(" GoOn<client", "", StringComparison.Ordinal)
            .Replace(" delay:60", "", StringComparison.Ordinal)
            .ShouldBe("RunAsync<client activity local child signal-child signal cancel continue");
        HeaderInterceptor.CallsOf(runIds[1]).ShouldBe("RunAsync<client Add<signal activity");
    }

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public async Task ASignalWithStartGivesItsHeadersToBoth(int cached)
    {
        string? runId = null;
        await RunAsync(
            cached,
            async client =>
            {
                var options = Options();
                options.SignalWithStart((SignalFeature w) => w.AddAsync("Ann"));
                var handle = await client.StartWorkflowAsync((SignalFeature w) => w.RunAsync(1), options);
                (await handle.GetResultAsync()).ShouldBe("Hello, Ann!");
                runId = handle.ResultRunId;
                return (handle, null);
            },
            connect => connect.Interceptors = [new ClientHeaders()],
            worker => worker.Interceptors = [new HeaderInterceptor()]);
        HeaderInterceptor.CallsOf(runId!).ShouldBe("Add<client activity RunAsync<client");
    }
}

[Collection(nameof(OnTemporal))]
public sealed class InterceptorTestsOnTemporal(TemporalServer server) : InterceptorTests(server);

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class InterceptorTestsOnTheEmbeddedServer(EmbeddedServer server) : InterceptorTests(server);
