using System.Globalization;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Worker.Interceptors;

namespace Temporalio.Worker.Replay;

sealed partial class WorkflowInstance
{
    async Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input)
    {
        var options = input.Options;
        if (options.StartToCloseTimeout == null && options.ScheduleToCloseTimeout == null)
            throw new ArgumentException("Activity options must have StartToCloseTimeout or ScheduleToCloseTimeout");
        var cancellationToken = options.CancellationToken ?? CancellationToken;
        cancellationToken.ThrowIfCancellationRequested();

        var seq = Machines.NextActivitySeq();
        var attributes = new ScheduleActivityTaskCommandAttributes
        {
            ActivityId = options.ActivityId ?? seq.ToString(CultureInfo.InvariantCulture),
            ActivityType = new() { Name = input.Activity },
            TaskQueue = new() { Name = options.TaskQueue ?? Info.TaskQueue },
            Input = new() { Payloads_ = { PayloadConverter.ToPayloads(input.Args) } },
            Header = HeaderOf(input.Headers),
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
        using var waiting = Waiting();
        using (cancellationToken.Register(() => machine.Cancel(Machines.Commands)))
            return ToResult<TResult>(await machine.Task);
    }

    async Task<TResult> ScheduleLocalActivityAsync<TResult>(ScheduleLocalActivityInput input)
    {
        var (activity, options) = (input.Activity, input.Options);
        if (options.StartToCloseTimeout == null && options.ScheduleToCloseTimeout == null)
            throw new ArgumentException("Activity options must have StartToCloseTimeout or ScheduleToCloseTimeout");
        if (!_details.IsLocalActivity(activity))
            throw new Exceptions.InvalidWorkflowOperationException($"Activity {activity} is not registered on this worker, so it cannot run as a local activity.");
        var cancellationToken = options.CancellationToken ?? CancellationToken;
        cancellationToken.ThrowIfCancellationRequested();

        Payload[] payloads = [.. PayloadConverter.ToPayloads(input.Args)];
        LocalActivityBackoff? backoff = null;
        while (true)
        {
            var resolution = await RunLocalActivityAsync(input, payloads, backoff, cancellationToken);
            if (resolution.Backoff is not { } next) return ToResult<TResult>(resolution);
            // The wait is too long to hold the workflow task for: it becomes a timer.
            backoff = next;
            await DelayWithOptionsAsync(new(next.Delay, cancellationToken: cancellationToken));
        }
    }

    async Task<ActivityResolution> RunLocalActivityAsync(
        ScheduleLocalActivityInput input, IReadOnlyList<Payload> payloads, LocalActivityBackoff? backoff, CancellationToken cancellationToken)
    {
        var options = input.Options;
        var seq = Machines.NextActivitySeq();
        var machine = new LocalActivityMachine(new LocalActivityRequest(
            seq,
            options.ActivityId ?? seq.ToString(CultureInfo.InvariantCulture),
            input.Activity,
            payloads,
            input.Headers is { } headers ? new Dictionary<string, Payload>(headers) : null,
            options,
            SummaryOf(options.Summary),
            backoff?.NextAttempt ?? 1,
            backoff?.OriginalScheduleTime));
        Machines.Add(machine);
        using var waiting = Waiting();
        using (cancellationToken.Register(() => Machines.Cancel(machine))) return await machine.Task;
    }

    TResult ToResult<TResult>(ActivityResolution resolution)
    {
        if (resolution.Failure is { } failure) throw _details.FailureConverter.ToException(failure, PayloadConverter);
        if (typeof(TResult) == typeof(ValueTuple)) return default!;
        if (resolution.Result is not { } payload) return default!;
        return (TResult)PayloadConverter.ToValue(payload, typeof(TResult))!;
    }

    static Header? HeaderOf(IDictionary<string, Payload>? headers) => headers == null ? null : new() { Fields = { headers } };

    Payload? SummaryOf(string? summary) => summary == null ? null : PayloadConverter.ToPayload(summary);
}
