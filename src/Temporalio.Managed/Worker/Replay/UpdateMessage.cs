using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.Protocol.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Converters;

namespace Temporalio.Worker.Replay;

/// <summary>An answer to an update's caller, sent with a workflow task's reply. Not encoded yet.</summary>
sealed record UpdateMessage(string Id, string InstanceId, IMessage Body)
{
    /// <summary>No command refers to a rejection, and no event records it.</summary>
    public static UpdateMessage Rejection(UpdateRequest request, Failure failure) => new(
        $"{request.MessageId}/reject",
        request.InstanceId,
        new Rejection
        {
            RejectedRequestMessageId = request.MessageId,
            RejectedRequestSequencingEventId = request.AfterEventId,
            RejectedRequest = request.Body.Clone(),
            Failure = failure,
        });

    public async Task<Message> ToProtoAsync(IPayloadCodec? codec)
    {
        if (codec != null) await PayloadVisitor.VisitAsync(Body, codec.EncodeAsync).ConfigureAwait(false);
        return new() { Id = Id, ProtocolInstanceId = InstanceId, Body = Any.Pack(Body) };
    }
}
