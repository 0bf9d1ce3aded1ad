using LogPipeline.TestSupport;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Temporalio.Tests.Workflows;

/// <summary>Handlers that are dynamic, or set while the workflow runs, on a real server.</summary>
public abstract class HandlerFeatureTests(ITemporalServer temporal) : FeatureTests(temporal)
{
    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task ADynamicWorkflowTakesWhatNothingElseTakes(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync("DynamicFeature", ["Ann"], Options());
        (await handle.QueryAsync<string>("anything", [1, 2])).ShouldBe("DynamicFeature anything 2 1");
        await handle.SignalAsync("poke", [7]);
        await Eventually.TrueAsync(async () => await handle.QueryAsync<string>("anything", []) == "DynamicFeature anything 0 2", TimeSpan.FromSeconds(20));
        (await Should.ThrowAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync<string>("change", [])))
            .InnerException!.Message.ShouldBe("change needs an argument");
        (await handle.ExecuteUpdateAsync<string>("change", ["x"])).ShouldBe("change 1");
        (await handle.GetResultAsync<string>()).ShouldBe("DynamicFeature(Ann) poke(7) change");
        await Should.ThrowAsync<WorkflowQueryFailedException>(() => handle.QueryAsync<string>("__temporal_unknown", []));
        return (handle, null);
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task ADynamicWorkflowChoosesItsFailures(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync("AnyOther", ["Ann", "fail"], Options());
        await handle.SignalAsync("a", [1]);
        await handle.SignalAsync("b", [2]);
        var failed = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());
        failed.InnerException.ShouldBeOfType<ApplicationFailureException>().ErrorType.ShouldBe("NotSupportedException");
        return (handle, null);
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task SignalsWaitForHandlersThatAreSetLater(int cached) => RunAsync(cached, async client =>
    {
        var options = Options();
        options.StartSignal = "named";
        options.StartSignalArgs = ["1"];
        var handle = await client.StartWorkflowAsync((RuntimeHandlersFeature w) => w.RunAsync(), options);
        await handle.SignalAsync("other", [1, 2, 3]);
        await handle.SignalAsync("named", ["2"]);
        await Eventually.TrueAsync(async () => (await MetadataAsync(handle)).CurrentDetails == "all handlers set", TimeSpan.FromSeconds(20));
        var metadata = (await MetadataAsync(handle)).Definition;
        metadata.Type.ShouldBe("RuntimeHandlersFeature");
        metadata.SignalDefinitions.Select(d => d.Name).ShouldBe(["", "named"]);
        metadata.QueryDefinitions.Select(d => (d.Name, d.Description)).ShouldBe([("seen", "What came so far.")]);
        metadata.UpdateDefinitions.Select(d => d.Name).ShouldBe(["finish"]);
        (await handle.QueryAsync<string>("seen", [])).ShouldBe("named(1) named(2) other[3]");
        await Should.ThrowAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync<int>("finish", [""]));
        (await handle.ExecuteUpdateAsync<int>("finish", ["done"])).ShouldBe(4);
        (await handle.GetResultAsync<string>()).ShouldBe("0: named(1) named(2) other[3] done");
        return (handle, null);
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task ASemaphoreLetsSoManyPass(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((SemaphoreFeature w) => w.RunAsync(), Options());
        (await handle.GetResultAsync()).ShouldBe("2 1,2,3,4 2 True False");
        return (handle, null);
    });

    [SkippableFact]
    public Task WithoutStackTracesTheirQueryFails() => RunAsync(Remember, async client =>
    {
        var handle = await client.StartWorkflowAsync((TimerFeature w) => w.RunAsync(), Options());
        (await Should.ThrowAsync<WorkflowQueryFailedException>(() => handle.QueryAsync<string>("__stack_trace", [])))
            .Message.ShouldBe("Workflow stack traces are not enabled on this worker");
        await handle.GetResultAsync();
        return (handle, null);
    });

    static Task<WorkflowMetadata> MetadataAsync(WorkflowHandle handle) => handle.QueryAsync<WorkflowMetadata>("__temporal_workflow_metadata", []);
}

public sealed class HandlerFeatureTestsOnTemporal(TemporalServer server) : HandlerFeatureTests(server), IClassFixture<TemporalServer>;

public sealed class HandlerFeatureTestsOnTheEmbeddedServer(EmbeddedServer server) : HandlerFeatureTests(server), IClassFixture<EmbeddedServer>;
