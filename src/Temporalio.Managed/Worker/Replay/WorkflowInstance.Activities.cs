using System.Globalization;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Workflows;

namespace Temporalio.Worker.Replay;

sealed partial class WorkflowInstance
{
    public async Task<TResult> ExecuteActivityAsync<TResult>(string activity, IReadOnlyCollection<object?> args, ActivityOptions options)
    {
        if (options.StartToCloseTimeout == null && options.ScheduleToCloseTimeout == null)
            throw new ArgumentException("Activity options must have StartToCloseTimeout or ScheduleToCloseTimeout");
        var cancellationToken = options.CancellationToken ?? CancellationToken;
        cancellationToken.ThrowIfCancellationRequested();

        var seq = Machines.NextActivitySeq();
        var attributes = new ScheduleActivityTaskCommandAttributes
        {
            ActivityId = options.ActivityId ?? seq.ToString(CultureInfo.InvariantCulture),
            ActivityType = new() { Name = activity },
            TaskQueue = new() { Name = options.TaskQueue ?? Info.TaskQueue },
            Input = new() { Payloads_ = { PayloadConverter.ToPayloads(args) } },
            ScheduleToCloseTimeout = ProtoTime.ToDuration(options.ScheduleToCloseTimeout),
            ScheduleToStartTimeout = ProtoTime.ToDuration(options.ScheduleToStartTimeout),
            StartToCloseTimeout = ProtoTime.ToDuration(options.StartToCloseTimeout),
            HeartbeatTimeout = ProtoTime.ToDuration(options.HeartbeatTimeout),
            RetryPolicy = options.RetryPolicy?.ToProto(),
            Priority = options.Priority?.ToProto(),
            // A wish: the worker takes it back when it has no slot for the activity.
            RequestEagerExecution = !options.DisableEagerActivityExecution,
        };
        var machine = new ActivityMachine(attributes, SummaryOf(options.Summary), options.CancellationType);
        Machines.Commands.Add(machine);
        using (cancellationToken.Register(() => machine.Cancel(Machines.Commands)))
            return ToResult<TResult>(await machine.Task);
    }

    public async Task<TResult> ExecuteLocalActivityAsync<TResult>(string activity, IReadOnlyCollection<object?> args, LocalActivityOptions options)
    {
        if (options.StartToCloseTimeout == null && options.ScheduleToCloseTimeout == null)
            throw new ArgumentException("Activity options must have StartToCloseTimeout or ScheduleToCloseTimeout");
        if (!_details.IsLocalActivity(activity))
            throw new Exceptions.InvalidWorkflowOperationException($"Activity {activity} is not registered on this worker, so it cannot run as a local activity.");
        var cancellationToken = options.CancellationToken ?? CancellationToken;
        cancellationToken.ThrowIfCancellationRequested();

        Payload[] input = [.. PayloadConverter.ToPayloads(args)];
        LocalActivityBackoff? backoff = null;
        while (true)
        {
            var resolution = await RunLocalActivityAsync(activity, input, options, backoff, cancellationToken);
            if (resolution.Backoff is not { } next) return ToResult<TResult>(resolution);
            // The wait is too long to hold the workflow task for: it becomes a timer.
            backoff = next;
            await DelayAsync(new(next.Delay, cancellationToken: cancellationToken));
        }
    }

    async Task<ActivityResolution> RunLocalActivityAsync(
        string activity, IReadOnlyList<Payload> input, LocalActivityOptions options, LocalActivityBackoff? backoff, CancellationToken cancellationToken)
    {
        var seq = Machines.NextActivitySeq();
        var machine = new LocalActivityMachine(new LocalActivityRequest(
            seq,
            options.ActivityId ?? seq.ToString(CultureInfo.InvariantCulture),
            activity,
            input,
            options,
            SummaryOf(options.Summary),
            backoff?.NextAttempt ?? 1,
            backoff?.OriginalScheduleTime));
        Machines.Add(machine);
        using (cancellationToken.Register(() => Machines.Cancel(machine))) return await machine.Task;
    }

    TResult ToResult<TResult>(ActivityResolution resolution)
    {
        if (resolution.Failure is { } failure) throw _details.FailureConverter.ToException(failure, PayloadConverter);
        if (typeof(TResult) == typeof(ValueTuple)) return default!;
        if (resolution.Result is not { } payload) return default!;
        return (TResult)PayloadConverter.ToValue(payload, typeof(TResult))!;
    }

    Payload? SummaryOf(string? summary) => summary == null ? null : PayloadConverter.ToPayload(summary);
}
