using Google.Protobuf;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace TemporalDevServer.Tests.Reads;

/// <summary>A run whose activities say more than a message holds.</summary>
public sealed class LargeDescriptionTests
{
    readonly EngineRig _rig = new();

    [Fact]
    public void ItIsDescribedInOneMessageWithTheDetailsThatFit()
    {
        _rig.Start("a");
        var task = _rig.Call<PollWorkflowTaskQueueResponse>(
            new PollWorkflowTaskQueueRequest { Namespace = "default", TaskQueue = new() { Name = "q" } });
        _rig.Call<RespondWorkflowTaskCompletedResponse>(new RespondWorkflowTaskCompletedRequest
        {
            Namespace = "default", TaskToken = task.TaskToken, Commands = { Enumerable.Range(0, 4).Select(Activity) },
        });
        for (var i = 0; i < 4; i++)
            _rig.Call<RecordActivityTaskHeartbeatResponse>(new RecordActivityTaskHeartbeatRequest
            {
                Namespace = "default",
                TaskToken = _rig.Call<PollActivityTaskQueueResponse>(
                    new PollActivityTaskQueueRequest { Namespace = "default", TaskQueue = new() { Name = "q" } }).TaskToken,
                Details = new()
                {
                    Payloads_ = { new Temporalio.Api.Common.V1.Payload { Data = ByteString.CopyFrom(new byte[1_400_000]) } },
                },
            });

        var described = _rig.Call<DescribeWorkflowExecutionResponse>(
            new DescribeWorkflowExecutionRequest { Namespace = "default", Execution = new() { WorkflowId = "a" } });

        described.CalculateSize().ShouldBeLessThan(4 * 1024 * 1024);
        described.PendingActivities.Count.ShouldBe(4);
        described.PendingActivities.Count(each => each.HeartbeatDetails is not null).ShouldBe(2);
    }

    static Command Activity(int i) => new()
    {
        CommandType = CommandType.ScheduleActivityTask,
        ScheduleActivityTaskCommandAttributes = new()
        {
            ActivityId = $"{i}", ActivityType = new() { Name = "A" }, TaskQueue = new() { Name = "q" },
            StartToCloseTimeout = new() { Seconds = 60 },
        },
    };
}
