using LogPipeline.TestSupport;
using LogPipeline.Worker.Ordering;
using LogPipeline.Workflows;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;

namespace LogPipeline.Tests.Worker;

/// <summary>What Temporal says of a batch that others wait for.</summary>
public sealed class PredecessorsTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>
{
    readonly Predecessors _predecessors = new();
    readonly BatchId _id = new("shop", Some.Name("run"), 1);
    readonly string _queue = Some.Name("queue");

    [Fact]
    public async Task OneThatIsInTheQueueIsExpected()
    {
        var client = await StartAsync();
        (await PlaceAsync(client)).ShouldBe(PredecessorPlace.Expected);
    }

    [Fact]
    public async Task OneInSomebodysHandsIsExpectedAlsoTheSecondTime()
    {
        var client = await StartAsync();
        await FailTaskAsync(client, await PollAsync(client));
        await PollAsync(client);
        (await PlaceAsync(client)).ShouldBe(PredecessorPlace.Expected);
    }

    [Fact]
    public async Task OneWhoseTaskFailsAgainAndAgainIsWaitedForInPatience()
    {
        var client = await StartAsync();
        await FailTaskAsync(client, await PollAsync(client));
        (await PlaceAsync(client)).ShouldBe(PredecessorPlace.Unknown);
    }

    [Fact]
    public async Task OneWhoseWorkflowHasEndedWellIsDone()
    {
        var client = await StartAsync();
        var end = new RespondWorkflowTaskCompletedRequest { Namespace = "default", TaskToken = (await PollAsync(client)).TaskToken };
        end.Commands.Add(new Command { CommandType = CommandType.CompleteWorkflowExecution, CompleteWorkflowExecutionCommandAttributes = new() });
        await client.WorkflowService.RespondWorkflowTaskCompletedAsync(end);
        (await PlaceAsync(client)).ShouldBe(PredecessorPlace.Done);
    }

    [Fact]
    public async Task OneThatWasTerminatedOrNeverWasIsLost()
    {
        var client = await StartAsync();
        await client.GetWorkflowHandle(_id.ToString()).TerminateAsync();
        (await PlaceAsync(client)).ShouldBe(PredecessorPlace.Lost);
        var stranger = new BatchId("shop", Some.Name("never"), 1);
        _predecessors.Missing = [stranger];
        await _predecessors.LookAsync(client);
        _predecessors[stranger].ShouldBe(PredecessorPlace.Lost);
    }

    [Fact]
    public async Task OfEachRunTheOldestIsAskedFor()
    {
        var client = await StartAsync();
        var later = new BatchId(_id.Source, _id.Instance, 9);
        _predecessors.Missing = [later, _id];
        await _predecessors.LookAsync(client);
        _predecessors[_id].ShouldBe(PredecessorPlace.Expected);
        _predecessors[later].ShouldBe(PredecessorPlace.Unknown);
    }

    [Fact]
    public async Task WithoutTemporalNothingIsSaid()
    {
        _predecessors[_id] = PredecessorPlace.Expected;
        var other = new EmbeddedServer();
        await other.InitializeAsync();
        var away = await TemporalClient.ConnectAsync(new(other.Address));
        await other.DisposeAsync();
        (await PlaceAsync(away)).ShouldBe(PredecessorPlace.Unknown);
    }

    async Task<PredecessorPlace> PlaceAsync(ITemporalClient client)
    {
        _predecessors.Missing = [_id];
        await _predecessors.LookAsync(client);
        return _predecessors[_id];
    }

    async Task<TemporalClient> StartAsync()
    {
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        await client.StartWorkflowAsync(PipelineDefaults.WorkflowName, ["batch"], new WorkflowOptions(_id.ToString(), _queue));
        return client;
    }

    Task<PollWorkflowTaskQueueResponse> PollAsync(ITemporalClient client) =>
        client.WorkflowService.PollWorkflowTaskQueueAsync(new() { Namespace = "default", TaskQueue = new() { Name = _queue } });

    static Task FailTaskAsync(ITemporalClient client, PollWorkflowTaskQueueResponse task) =>
        client.WorkflowService.RespondWorkflowTaskFailedAsync(new() { Namespace = "default", TaskToken = task.TaskToken });
}
