using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Protocol.V1;
using Temporalio.Api.Update.V1;
using Stage = TemporalDevServer.Engine.State.UpdateState.Types.Stage;

namespace TemporalDevServer.Engine;

/// <summary>
/// The messages of updates: what a task carries, and what a worker may answer. Pure.
/// </summary>
static class UpdateMessages
{
    /// <summary>The id of the message that carries an update's request.</summary>
    public static string RequestIdOf(UpdateState update) => $"{update.Id}/request";

    /// <summary>The task that starts carries all updates that no worker has answered.</summary>
    public static void SendWith(Run run, WorkflowTaskState task, PollWorkflowTaskQueueResponse response)
    {
        foreach (var update in run.State.Updates)
        {
            if (update.Stage is not (Stage.Admitted or Stage.Sent)) continue;
            update.Stage = Stage.Sent;
            update.SequencingEventId = task.StartedEventId - 1;
            response.Messages.Add(new Message
            {
                Id = RequestIdOf(update),
                ProtocolInstanceId = update.Id,
                EventId = update.SequencingEventId,
                Body = Any.Pack(update.Request),
            });
        }
    }

    public static bool HasUnsent(Run run) => run.State.Updates.Any(update => update.Stage == Stage.Admitted);

    public static bool IsRejection(Message message) =>
        message.Body?.Is(Rejection.Descriptor) == true && IsReadable(message.Body, Rejection.Parser);

    /// <summary>What is wrong with a task's messages; null: nothing.</summary>
    public static CommandError? Validate(Run run, RespondWorkflowTaskCompletedRequest request)
    {
        foreach (var message in request.Messages)
        {
            if (run.State.Updates.All(update => update.Id != message.ProtocolInstanceId))
                return Error($"update {message.ProtocolInstanceId} not found");
            if (ParserOf(message.Body) is not { } parser)
                return Error($"unknown message type: {message.Body?.TypeUrl}");
            if (!IsReadable(message.Body, parser)) return Error($"unreadable message of type {message.Body.TypeUrl}");
        }
        foreach (var command in request.Commands)
            if (command.ProtocolMessageCommandAttributes is { } named
                && request.Messages.All(message => message.Id != named.MessageId))
                return Error($"ProtocolMessageCommand referenced absent message ID {named.MessageId}");
        return null;

        static CommandError? Error(string message)
        {
            const WorkflowTaskFailedCause cause = WorkflowTaskFailedCause.BadUpdateWorkflowExecutionMessage;
            return new CommandError(cause, $"{cause}: {message}");
        }
    }

    static MessageParser? ParserOf(Any? body)
    {
        if (body is null) return null;
        if (body.Is(Acceptance.Descriptor)) return Acceptance.Parser;
        if (body.Is(Rejection.Descriptor)) return Rejection.Parser;
        return body.Is(Response.Descriptor) ? Response.Parser : null;
    }

    static bool IsReadable(Any body, MessageParser parser)
    {
        try
        {
            CallerMessages.Parse(parser, body.Value.ToByteArray());
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }
}
