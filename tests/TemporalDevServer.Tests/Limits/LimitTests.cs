using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;
using StatusCode = Temporalio.Exceptions.RpcException.StatusCode;

namespace TemporalDevServer.Tests.Limits;

public sealed class EmbeddedLimitTests(EmbeddedServer server) : LimitTests(server), IClassFixture<EmbeddedServer>;

public sealed class RealLimitTests(TemporalServer server) : LimitTests(server), IClassFixture<TemporalServer>;

/// <summary>
/// Temporal's limits, on it and on the embedded server: the same codes, and sentences that mean the same.
/// </summary>
public abstract class LimitTests(ITemporalServer server)
{
    const int PayloadBytesMax = 2 * 1024 * 1024;
    const string Nobody = "nobody";

    [SkippableFact]
    public async Task APayloadOverTwoMebibytesIsRefused()
    {
        var client = await ConnectAsync();
        var refused = await RefusedAsync(
            () => client.StartWorkflowAsync("W", [new string('x', PayloadBytesMax)], New()));
        refused.Code.ShouldBe(StatusCode.InvalidArgument);
        refused.Message.ShouldContain("Blob data size exceeds limit");
        await client.StartWorkflowAsync("W", [new string('x', PayloadBytesMax - 1000)], New());
    }

    [SkippableFact]
    public async Task ASignalsPayloadOverTwoMebibytesIsRefused()
    {
        var client = await ConnectAsync();
        var handle = await client.StartWorkflowAsync("W", [], New());
        var refused = await RefusedAsync(() => handle.SignalAsync("s", [new string('x', PayloadBytesMax)]));
        refused.Code.ShouldBe(StatusCode.InvalidArgument);
        refused.Message.ShouldContain("Blob data size exceeds limit");
    }

    [SkippableFact]
    public async Task AMessageOverFourMegabytesIsRefused()
    {
        var client = await ConnectAsync();
        var refused = await RefusedAsync(
            () => client.StartWorkflowAsync("W", [new string('x', 5 * 1024 * 1024)], New()));
        refused.Code.ShouldBe(StatusCode.ResourceExhausted);
        refused.Message.ShouldContain("larger than max");
    }

    [SkippableTheory]
    [InlineData("id")]
    [InlineData("type")]
    [InlineData("queue")]
    [InlineData("signal")]
    public async Task ANameOverAThousandCharactersIsRefused(string which)
    {
        var client = await ConnectAsync();
        var name = new string('n', 1001);
        Func<Task> call = which switch
        {
            "id" => () => client.StartWorkflowAsync("W", [], new WorkflowOptions(name, Nobody)),
            "type" => () => client.StartWorkflowAsync(name, [], New()),
            "queue" => () => client.StartWorkflowAsync("W", [], new WorkflowOptions(New().Id!, name)),
            _ => async () => await (await client.StartWorkflowAsync("W", [], New())).SignalAsync(name, []),
        };
        var refused = await RefusedAsync(call);
        refused.Code.ShouldBe(StatusCode.InvalidArgument);
        refused.Message.ShouldContain("length exceeds limit");
    }

    [SkippableFact]
    public async Task AHistoryOverFiftyMegabytesEndsItsWorkflow()
    {
        var client = await ConnectAsync();
        var handle = await client.StartWorkflowAsync("W", [], New());
        var part = new string('x', PayloadBytesMax - 1000);
        for (var i = 0; i < 30; i++)
        {
            try
            {
                await handle.SignalAsync("s", [part]);
            }
            catch (RpcException e) when (e.Code is StatusCode.NotFound or StatusCode.InvalidArgument)
            {
                break;
            }
        }
        var description = await handle.DescribeAsync();
        description.Status.ShouldBe(Temporalio.Api.Enums.V1.WorkflowExecutionStatus.Terminated);
        description.HistoryLength.ShouldBeInRange(26, 29);
    }

    [SkippableFact]
    public async Task TooManyPendingActivitiesFailTheWorkflowTask()
    {
        var client = await ConnectAsync();
        var options = New();
        using var worker = new TemporalWorker(
            client, new TemporalWorkerOptions(options.TaskQueue = $"q-{options.Id}").AddWorkflow<ManyActivities>());
        await worker.ExecuteAsync(async () =>
        {
            var handle = await client.StartWorkflowAsync("ManyActivities", [], options);
            await Eventually.TrueAsync(
                async () => (await handle.FetchHistoryAsync()).Events.Any(
                    e => e.WorkflowTaskFailedEventAttributes?.Cause == WorkflowTaskFailedCause.PendingActivitiesLimitExceeded),
                TimeSpan.FromSeconds(30));
            await handle.TerminateAsync();
        });
    }

    async Task<TemporalClient> ConnectAsync()
    {
        server.SkipIfMissing();
        return await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address));
    }

    static WorkflowOptions New() => new($"limit-{Guid.NewGuid():N}", Nobody);

    static Task<RpcException> RefusedAsync(Func<Task> call) => Should.ThrowAsync<RpcException>(call);
}

/// <summary>Asks for more activities at once than a workflow may have.</summary>
[Workflow]
public sealed class ManyActivities
{
    [WorkflowRun]
    public Task RunAsync() => Workflow.WhenAllAsync(Enumerable.Range(0, 2001).Select(_ =>
        Workflow.ExecuteActivityAsync("nothing", [], new ActivityOptions
        {
            StartToCloseTimeout = TimeSpan.FromMinutes(1),
            TaskQueue = "nobody",
        })));
}
