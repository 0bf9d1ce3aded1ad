using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Update.V1;

namespace Temporalio.Worker.Replay;

// requested ──validator throws──▶ rejected: a message, and nothing in history
//     │
//     ▼ UpdateAcceptMachine                              UpdateCompleteMachine
// accepted ──WorkflowExecutionUpdateAccepted──▶ running ──WorkflowExecutionUpdateCompleted──▶ completed, or failed
//
// Both are a command that only names a message; the message says what it is about.
abstract class UpdateMachine(UpdateRequest request, string step) : CommandMachine
{
    protected UpdateRequest Request => request;

    protected string MessageId => $"{request.MessageId}/{step}";

    public abstract UpdateMessage ToMessage();

    public override Command ToCommand() => new()
    {
        CommandType = CommandType.ProtocolMessage,
        ProtocolMessageCommandAttributes = new() { MessageId = MessageId },
    };
}

/// <summary>The update is taken on: from here on it is part of history.</summary>
sealed class UpdateAcceptMachine(UpdateRequest request) : UpdateMachine(request, "accept")
{
    public override EventType RecordedAs => EventType.WorkflowExecutionUpdateAccepted;

    public override string Describe() => $"acceptance of update {Request.Id} ({Request.Name})";

    public override UpdateMessage ToMessage() => new(MessageId, Request.InstanceId, new Acceptance
    {
        AcceptedRequestMessageId = Request.MessageId,
        AcceptedRequestSequencingEventId = Request.AfterEventId,
        AcceptedRequest = Request.Body.Clone(),
    });

    public override void OnRecorded(HistoryEvent e) =>
        Check(e, "update", e.WorkflowExecutionUpdateAcceptedEventAttributes.ProtocolInstanceId, Request.InstanceId);
}

/// <summary>The update's handler has ended, with a result or a failure.</summary>
sealed class UpdateCompleteMachine(UpdateRequest request, Outcome outcome) : UpdateMachine(request, "complete")
{
    public override EventType RecordedAs => EventType.WorkflowExecutionUpdateCompleted;

    public override string Describe() => $"completion of update {Request.Id} ({Request.Name})";

    public override UpdateMessage ToMessage() => new(MessageId, Request.InstanceId, new Response
    {
        Meta = Request.Body.Meta?.Clone(),
        Outcome = outcome.Clone(),
    });

    public override void OnRecorded(HistoryEvent e) =>
        Check(e, "update", e.WorkflowExecutionUpdateCompletedEventAttributes.Meta?.UpdateId ?? "", Request.Id);
}
