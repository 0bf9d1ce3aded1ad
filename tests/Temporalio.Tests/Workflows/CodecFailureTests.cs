using LogPipeline.TestSupport;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Converters;

namespace Temporalio.Tests.Workflows;

/// <summary>A codec that cannot decode, a missing key say, fails the workflow task where everybody sees it, and the run waits.</summary>
public abstract class CodecFailureTests(ITemporalServer temporal) : FeatureTests(temporal)
{
    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public async Task ARunWaitsInSightUntilItsPayloadsCanBeDecoded(int cached)
    {
        var codec = new Locked();
        var client = await ConnectAsync(connect => connect.DataConverter = DataConverter.Default with { PayloadCodec = codec });
        await WithWorkerAsync(client, cached, async () =>
        {
            var options = Options();
            options.TaskTimeout = TimeSpan.FromSeconds(1);
            codec.IsLocked = true;
            var handle = await client.StartWorkflowAsync((SignalFeature w) => w.RunAsync(1), options);
            await Eventually.TrueAsync(async () => (await handle.FetchHistoryAsync()).Events.Any(e =>
                e.WorkflowTaskFailedEventAttributes is { Cause: WorkflowTaskFailedCause.WorkflowWorkerUnhandledFailure } failed && failed.Failure.Message == "the key is missing"), TimeSpan.FromSeconds(30));
            codec.IsLocked = false;
            await handle.SignalAsync(w => w.AddAsync("Ann"));
            (await handle.GetResultAsync()).ShouldBe("Hello, Ann!");
        });
    }

    sealed class Locked : IPayloadCodec
    {
        public bool IsLocked { get; set; }

        public Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads) => Task.FromResult(payloads);

        public Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads) =>
            IsLocked ? throw new InvalidOperationException("the key is missing") : Task.FromResult(payloads);
    }
}

public sealed class CodecFailureTestsOnTemporal(TemporalServer server) : CodecFailureTests(server), IClassFixture<TemporalServer>;

public sealed class CodecFailureTestsOnTheEmbeddedServer(EmbeddedServer server) : CodecFailureTests(server), IClassFixture<EmbeddedServer>;
