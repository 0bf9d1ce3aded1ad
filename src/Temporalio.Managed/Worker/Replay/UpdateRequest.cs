using Temporalio.Api.History.V1;
using Temporalio.Api.Protocol.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Temporalio.Worker.Replay;

/// <summary>
/// A caller's wish to update the workflow. It comes as a message beside a workflow task; in history it is told by the event
/// that says it was admitted or accepted.
/// </summary>
/// <param name="MessageId">Of the message; the answers refer to it.</param>
/// <param name="InstanceId">Joins all messages about this update.</param>
/// <param name="AfterEventId">The event that the update comes directly after.</param>
/// <param name="Body">What was asked, decoded.</param>
sealed record UpdateRequest(string MessageId, string InstanceId, long AfterEventId, Request Body)
{
    public string Id => Body.Meta?.UpdateId ?? "";

    public string Name => Body.Input?.Name ?? "";

    public IReadOnlyList<Api.Common.V1.Payload> Input => Body.Input?.Args?.Payloads_ ?? [];

    public static async Task<UpdateRequest> ReadAsync(Message message, IPayloadCodec? codec)
    {
        if (message.Body == null || !message.Body.TryUnpack(out Request body))
            throw new InvalidWorkflowOperationException($"Message {message.Id} ({message.Body?.TypeUrl}) is not supported by this worker.");
        if (codec != null) await PayloadVisitor.VisitAsync(body, codec.DecodeAsync).ConfigureAwait(false);
        return new(message.Id, message.ProtocolInstanceId, message.EventId, body);
    }

    public static UpdateRequest Read(WorkflowExecutionUpdateAcceptedEventAttributes accepted) => new(
        accepted.AcceptedRequestMessageId, accepted.ProtocolInstanceId, accepted.AcceptedRequestSequencingEventId, accepted.AcceptedRequest ?? new());

    public static UpdateRequest ReadAdmitted(HistoryEvent e)
    {
        var body = e.WorkflowExecutionUpdateAdmittedEventAttributes.Request;
        return new($"{body.Meta.UpdateId}/request", body.Meta.UpdateId, e.EventId, body);
    }
}
