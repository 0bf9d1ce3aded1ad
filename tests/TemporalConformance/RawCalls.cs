using Temporalio.Api.Command.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;

namespace LogPipeline.TemporalConformance;

/// <summary>What the package has no public name for, asked of the server itself.</summary>
static class RawCalls
{
    static readonly RpcOptions AsLongAsAPoll = new() { Timeout = TimeSpan.FromSeconds(70) };

    public static Task<DescribeWorkflowExecutionResponse> RawDescriptionAsync(this WorkflowHandle handle, ITemporalClient client) =>
        client.WorkflowService.DescribeWorkflowExecutionAsync(
            new() { Namespace = "default", Execution = new() { WorkflowId = handle.Id } });

    public static Task<PollWorkflowTaskQueueResponse> PollAsync(this ITemporalClient client, string queue) =>
        client.PollAsync(new TaskQueue { Name = queue });

    public static async Task<PollWorkflowTaskQueueResponse> PollAsync(this ITemporalClient client, TaskQueue queue)
    {
        var task = await client.WorkflowService.PollWorkflowTaskQueueAsync(
            new() { Namespace = "default", TaskQueue = queue, Identity = "test" }, AsLongAsAPoll);
        task.TaskToken.IsEmpty.ShouldBeFalse("no task came");
        return task;
    }

    public static async Task<PollActivityTaskQueueResponse> PollActivityAsync(this ITemporalClient client, string queue)
    {
        var task = await client.WorkflowService.PollActivityTaskQueueAsync(
            new() { Namespace = "default", TaskQueue = new() { Name = queue }, Identity = "test" }, AsLongAsAPoll);
        task.TaskToken.IsEmpty.ShouldBeFalse("no activity came");
        return task;
    }

    public static Task CompleteAsync(
        this ITemporalClient client, PollWorkflowTaskQueueResponse task, params IEnumerable<Command> commands) =>
        client.WorkflowService.RespondWorkflowTaskCompletedAsync(
            new() { Namespace = "default", TaskToken = task.TaskToken, Identity = "test", Commands = { commands } });
}
