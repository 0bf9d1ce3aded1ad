using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Protocol.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.WorkflowService.V1;

namespace TemporalDevServer.Tests.Scenarios;

// What a worker answers a workflow task with.
sealed partial class Scenario
{
    void Complete(string text, Duration? sticky)
    {
        var request = new RespondWorkflowTaskCompletedRequest
        {
            Namespace = Namespace,
            TaskToken = _task.TaskToken,
            Identity = "w",
        };
        if (sticky is not null)
            request.StickyAttributes = new()
            {
                WorkerTaskQueue = new() { Name = "sticky", Kind = TaskQueueKind.Sticky, NormalName = "q" },
                ScheduleToStartTimeout = sticky,
            };
        foreach (var part in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = part.Split(' ');
            if (words is ["markers", var count])
                request.Commands.AddRange(Enumerable.Range(1, int.Parse(count)).Select(_ => Marker()));
            else if (words is ["activities", var first, var last])
                for (var i = int.Parse(first); i <= int.Parse(last); i++)
                    request.Commands.Add(Command(["activity", $"{i}", "start-to-close=60s"])!);
            else if (words is ["accept" or "reject" or "take", var update]) Answer(request, update, words[0]);
            else if (Command(words) is { } command) request.Commands.Add(command);
        }
        Call(request);
    }

    // An accepted update is completed at once; one that is taken goes on.
    void Answer(RespondWorkflowTaskCompletedRequest request, string update, string how)
    {
        var asked = _task.Messages.First(message => message.ProtocolInstanceId == update);
        var body = asked.Body.Unpack<Request>();
        if (how == "reject")
        {
            request.Messages.Add(Message("reject", new Rejection
            {
                RejectedRequestMessageId = asked.Id,
                RejectedRequestSequencingEventId = asked.EventId,
                RejectedRequest = body,
                Failure = Failed(),
            }));
            return;
        }
        request.Messages.Add(Message("accept", new Acceptance
        {
            AcceptedRequestMessageId = asked.Id,
            AcceptedRequestSequencingEventId = asked.EventId,
            AcceptedRequest = body,
        }));
        if (how == "accept")
            request.Messages.Add(Message("response", new Response
            {
                Meta = body.Meta,
                Outcome = new() { Success = new() },
            }));
        foreach (var message in request.Messages.Where(message => message.ProtocolInstanceId == update))
            request.Commands.Add(new Command
            {
                CommandType = CommandType.ProtocolMessage,
                ProtocolMessageCommandAttributes = new() { MessageId = message.Id },
            });

        Message Message(string kind, IMessage content) =>
            new() { Id = $"{update}/{kind}", ProtocolInstanceId = update, Body = Any.Pack(content) };
    }

    Command? Command(string[] words)
    {
        var options = OptionsOf(words);
        return words switch
        {
            ["timer", var id, var time] => new()
            {
                CommandType = CommandType.StartTimer,
                StartTimerCommandAttributes = new()
                {
                    TimerId = id,
                    StartToFireTimeout = Duration.FromTimeSpan(Span(time)),
                },
            },
            ["activity", var id, ..] => Activity(id, options),
            ["done"] => new()
            {
                CommandType = CommandType.CompleteWorkflowExecution,
                CompleteWorkflowExecutionCommandAttributes = new(),
            },
            ["failed"] => new()
            {
                CommandType = CommandType.FailWorkflowExecution,
                FailWorkflowExecutionCommandAttributes = new() { Failure = Failed() },
            },
            ["cancel", var eventId] => new()
            {
                CommandType = CommandType.RequestCancelActivityTask,
                RequestCancelActivityTaskCommandAttributes = new() { ScheduledEventId = long.Parse(eventId) },
            },
            ["unset", var id] =>
                new() { CommandType = CommandType.CancelTimer, CancelTimerCommandAttributes = new() { TimerId = id } },
            ["again"] => new()
            {
                CommandType = CommandType.ContinueAsNewWorkflowExecution,
                ContinueAsNewWorkflowExecutionCommandAttributes = new()
                {
                    WorkflowType = new() { Name = "W" },
                    TaskQueue = _queue,
                },
            },
            ["cancelled"] => new()
            {
                CommandType = CommandType.CancelWorkflowExecution,
                CancelWorkflowExecutionCommandAttributes = new(),
            },
            [var only] when only.StartsWith("sticky=", StringComparison.Ordinal) => null,
            _ => throw new FormatException($"No command reads so: {string.Join(' ', words)}"),
        };
    }

    Command Activity(string id, Dictionary<string, string> options) => new()
    {
        CommandType = CommandType.ScheduleActivityTask,
        ScheduleActivityTaskCommandAttributes = new()
        {
            ActivityId = id,
            ActivityType = new() { Name = "A" },
            TaskQueue = _queue,
            RetryPolicy = Retry(options),
            StartToCloseTimeout = Optional(options, "start-to-close"),
            ScheduleToCloseTimeout = Optional(options, "schedule-to-close"),
            ScheduleToStartTimeout = Optional(options, "schedule-to-start"),
            HeartbeatTimeout = Optional(options, "heartbeat"),
            Priority = options.TryGetValue("priority", out var key) ? new() { PriorityKey = int.Parse(key) } : null,
        },
    };

    static Command Marker() => new()
    {
        CommandType = CommandType.RecordMarker,
        RecordMarkerCommandAttributes = new() { MarkerName = "m" },
    };
}
