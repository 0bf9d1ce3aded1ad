using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Connecting;
using Temporalio.Client;

namespace LogPipeline.Tests.Publisher;

/// <summary>Which answers of a server cost the client that got them.</summary>
public sealed class StarterClientTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>
{
    const string Missing = "nowhere";

    readonly List<string> _read = [];
    string _namespace = PipelineDefaults.TemporalNamespace;

    [Theory]
    [InlineData(nameof(OutcomeKind.Accepted), 1)]
    [InlineData(nameof(OutcomeKind.Refused), 1)]
    [InlineData(nameof(OutcomeKind.Denied), 3)]
    public async Task OnlyADeniedClientIsLeftForANewOne(string kind, int clients)
    {
        var outcome = Enum.Parse<OutcomeKind>(kind);
        if (outcome == OutcomeKind.Denied) _namespace = Missing;
        var starter = New(outcome == OutcomeKind.Refused ? new string('q', 2_000) : "queue");
        for (var i = 0; i < 3; i++)
            (await starter.StartAsync(Batch, CancellationToken.None)).Kind.ShouldBe(outcome);
        _read.Count.ShouldBe(clients);
    }

    [Fact]
    public async Task WhatIsCorrectedIsTakenByTheNextAttempt()
    {
        _namespace = Missing;
        var starter = New("queue");
        (await starter.StartAsync(Batch, CancellationToken.None)).Kind.ShouldBe(OutcomeKind.Denied);
        _namespace = PipelineDefaults.TemporalNamespace;
        (await starter.StartAsync(Batch, CancellationToken.None)).Kind.ShouldBe(OutcomeKind.Accepted);
        _read.ShouldBe([Missing, PipelineDefaults.TemporalNamespace]);
    }

    WorkflowStarter New(string taskQueue) => new(new ClientConnector(Read, async given =>
        await TemporalClient.ConnectAsync(given), null, TimeProvider.System), taskQueue, TimeSpan.FromSeconds(30));

    TemporalClientConnectOptions Read()
    {
        _read.Add(_namespace);
        return new(server.Address) { Namespace = _namespace };
    }

    static FrozenBatch Batch
    {
        get
        {
            var id = Some.BatchId();
            var records = Some.Records(1, id);
            return new FrozenBatch(Some.Header(id, records), LogBatchRecords.Encode([.. records]));
        }
    }
}
