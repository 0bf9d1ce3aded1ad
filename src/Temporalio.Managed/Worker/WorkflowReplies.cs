using Microsoft.Extensions.Logging;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.Query.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Grpc;
using Temporalio.Worker.Tuning;

namespace Temporalio.Worker;

/// <summary>Tells the server what a workflow task came to. A refusal is not an error: the server gives the task out again.</summary>
sealed class WorkflowReplies(Func<WorkflowService> service, WorkflowWorkerSettings settings, EagerActivities? eager, ILogger logger)
{
    const string SdkName = "temporal-dotnet";

    // Flags that other Temporal SDKs read when they replay our histories: ids and types are checked (1), the command
    // that ends a workflow goes last (3); and of the .NET SDK, that jobs are applied before the code runs (1).
    static readonly uint[] CoreFlags = [1, 3];
    static readonly uint[] LangFlags = [1];

    /// <returns>
    /// Whether the run as this worker knows it still is the server's, which it is not when the server refused the reply or
    /// dropped the task's own events because the task only rejected updates; and the run's next task if the server gave one.
    /// </returns>
    public async Task<(bool Current, PollWorkflowTaskQueueResponse? Next)> CompleteAsync(
        PollWorkflowTaskQueueResponse task, WorkflowTaskReply.Decided decided, IReadOnlyDictionary<string, Func<Task<WorkflowQueryResult>>> answers)
    {
        var request = new RespondWorkflowTaskCompletedRequest
        {
            TaskToken = task.TaskToken,
            Identity = settings.Identity,
            Namespace = settings.Namespace,
            Commands = { decided.Commands },
            ReturnNewWorkflowTask = true,
            ForceCreateNewWorkflowTask = decided.Heartbeat,
            Capabilities = new() { DiscardSpeculativeWorkflowTaskWithEvents = true },
            DeploymentOptions = settings.DeploymentOptions,
            VersioningBehavior = BehaviorOf(decided),
            WorkerInstanceKey = settings.WorkerInstanceKey,
            MeteringMetadata = new() { NonfirstLocalActivityExecutionAttempts = decided.LocalActivityRetries },
        };
        if (settings.VersionCapabilities is { } version)
            request.WorkerVersionStamp = new() { BuildId = version.BuildId, UseVersioning = version.UseVersioning };
        if (task.PreviousStartedEventId == 0)
            request.SdkMetadata = new() { SdkName = SdkName, SdkVersion = SdkVersion.Text, CoreUsedFlags = { CoreFlags }, LangUsedFlags = { LangFlags } };
        if (decided.Flags.Count > 0) (request.SdkMetadata ??= new()).CoreUsedFlags.Add(decided.Flags);
        if (settings.MaxCachedWorkflows > 0)
            request.StickyAttributes = new()
            {
                WorkerTaskQueue = new() { Name = settings.StickyQueue, Kind = TaskQueueKind.Sticky, NormalName = settings.TaskQueue },
                ScheduleToStartTimeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(settings.StickyScheduleToStartTimeout),
            };
        foreach (var (id, answer) in answers) request.QueryResults[id] = await answer().ConfigureAwait(false);
        if (settings.DataConverter.PayloadCodec is { } codec)
        {
            for (var i = 0; i < request.Commands.Count; i++)
            {
                // A command may be sent again, so what the codec changes is a copy.
                request.Commands[i] = request.Commands[i].Clone();
                await PayloadVisitor.VisitAsync(request.Commands[i], codec.EncodeAsync).ConfigureAwait(false);
            }
        }
        foreach (var message in decided.Messages)
            request.Messages.Add(await message.ToProtoAsync(settings.DataConverter.PayloadCodec).ConfigureAwait(false));
        if (settings.Limits.Refuse(request) is { } tooLarge)
        {
            await FailAsync(task, new(tooLarge, WorkflowTaskFailedCause.PayloadsTooLarge)).ConfigureAwait(false);
            return (false, null);
        }
        var slots = ReserveEagerSlots(request);
        IReadOnlyList<PollActivityTaskQueueResponse> activities = [];
        try
        {
            var response = await service().RespondWorkflowTaskCompletedAsync(request, new() { Retry = true }).ConfigureAwait(false);
            activities = response.ActivityTasks;
            var next = response.WorkflowTask;
            return (response.ResetHistoryEventId == 0, next == null || next.TaskToken.IsEmpty ? null : next);
        }
        catch (RpcException e)
        {
            WorkflowWorkerLog.CompletionRefused(logger, task.WorkflowExecution.WorkflowId, task.WorkflowExecution.RunId, e.Message);
            if (RetryDecision.IsTooLarge(e))
                await FailAsync(task, new(NamespaceLimits.MessageTooLarge, WorkflowTaskFailedCause.GrpcMessageTooLarge)).ConfigureAwait(false);
            return (false, null);
        }
        finally
        {
            eager?.Take(activities, slots);
        }
    }

    // Only a versioned worker may say what becomes of its workflows.
    VersioningBehavior BehaviorOf(WorkflowTaskReply.Decided decided) =>
        settings.DeploymentOptions?.WorkerVersioningMode != WorkerVersioningMode.Versioned ? VersioningBehavior.Unspecified
        : decided.VersioningBehavior != VersioningBehavior.Unspecified ? decided.VersioningBehavior
        : settings.DefaultVersioningBehavior;

    // Activities that this worker could run itself keep their wish to come with the answer as far as there are slots.
    List<WorkerSlot> ReserveEagerSlots(RespondWorkflowTaskCompletedRequest request)
    {
        var slots = new List<WorkerSlot>();
        for (var i = 0; i < request.Commands.Count; i++)
        {
            if (request.Commands[i].ScheduleActivityTaskCommandAttributes is not { RequestEagerExecution: true } activity) continue;
            if (eager != null && slots.Count < eager.ReservationsMax && activity.TaskQueue.Name == settings.TaskQueue && eager.TryReserve() is { } slot)
            {
                slots.Add(slot);
                continue;
            }
            // The command may be sent again when there is a slot, so what changes is a copy.
            request.Commands[i] = request.Commands[i].Clone();
            request.Commands[i].ScheduleActivityTaskCommandAttributes.RequestEagerExecution = false;
        }
        return slots;
    }

    /// <summary>Ends the workflow with what would have failed its task.</summary>
    public async Task FailWorkflowAsync(PollWorkflowTaskQueueResponse task, WorkflowTaskReply.Failed failed)
    {
        var command = new Command
        {
            CommandType = CommandType.FailWorkflowExecution,
            FailWorkflowExecutionCommandAttributes = new() { Failure = failed.Failure },
        };
        await CompleteAsync(task, new([command], [], Heartbeat: false, LocalActivityRetries: 0, Flags: []), new Dictionary<string, Func<Task<WorkflowQueryResult>>>())
            .ConfigureAwait(false);
    }

    public async Task FailAsync(PollWorkflowTaskQueueResponse task, WorkflowTaskReply.Failed failed)
    {
        var execution = task.WorkflowExecution;
        WorkflowWorkerLog.TaskFailed(logger, execution.WorkflowId, execution.RunId, task.Attempt, failed.Failure.Message);
        if (task.Query != null)
        {
            await AnswerAsync(task, () => Task.FromResult(NoAnswer(failed.Failure))).ConfigureAwait(false);
            return;
        }
        // From the second attempt on the task is left to time out, so that a mistake in code does not spin.
        if (task.Attempt > 1) return;
        await SendAsync(task, () => service().RespondWorkflowTaskFailedAsync(
            new()
            {
                TaskToken = task.TaskToken,
                Identity = settings.Identity,
                Namespace = settings.Namespace,
                Cause = failed.Cause,
                Failure = failed.Failure,
                WorkerVersion = settings.VersionCapabilities is { } version ? new() { BuildId = version.BuildId, UseVersioning = version.UseVersioning } : null,
                DeploymentOptions = settings.DeploymentOptions,
            },
            new() { Retry = true })).ConfigureAwait(false);
    }

    public async Task AnswerAsync(PollWorkflowTaskQueueResponse task, Func<Task<WorkflowQueryResult>> answer)
    {
        var result = await answer().ConfigureAwait(false);
        if (settings.Limits.Refuse(result) is { } refusal) result = NoAnswer(refusal);
        await SendAsync(task, async () =>
        {
            try
            {
                await SendAnswerAsync(task, result).ConfigureAwait(false);
            }
            catch (RpcException e) when (RetryDecision.IsTooLarge(e))
            {
                await SendAnswerAsync(task, NoAnswer(NamespaceLimits.MessageTooLarge)).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    Task SendAnswerAsync(PollWorkflowTaskQueueResponse task, WorkflowQueryResult result) => service().RespondQueryTaskCompletedAsync(
        new()
        {
            TaskToken = task.TaskToken,
            Namespace = settings.Namespace,
            CompletedType = result.ResultType,
            QueryResult = result.Answer,
            ErrorMessage = result.ErrorMessage,
            Failure = result.Failure,
        },
        new() { Retry = true });

    static WorkflowQueryResult NoAnswer(Failure failure) =>
        new() { ResultType = QueryResultType.Failed, ErrorMessage = failure.Message, Failure = failure };

    async Task SendAsync(PollWorkflowTaskQueueResponse task, Func<Task> send)
    {
        try
        {
            await send().ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            WorkflowWorkerLog.CompletionRefused(logger, task.WorkflowExecution.WorkflowId, task.WorkflowExecution.RunId, e.Message);
        }
    }
}
