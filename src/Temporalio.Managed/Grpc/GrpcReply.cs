using Google.Protobuf;
using Temporalio.Exceptions;

namespace Temporalio.Grpc;

/// <summary>How a call ended: the status, and the response when the status is OK.</summary>
readonly record struct GrpcReply<T>(GrpcStatusLine Status, T? Message)
    where T : IMessage<T>;

/// <summary>A gRPC status: code, sentence, and the bytes of <c>grpc-status-details-bin</c> where the server sent them.</summary>
/// <param name="Code">Status code.</param>
/// <param name="Message">For people.</param>
/// <param name="Details">A serialized GrpcStatus, or null.</param>
/// <param name="Untouched">The server has certainly not seen the call, so repeating it at once is harmless.</param>
/// <param name="Cause">The local error behind it, or null when the server said it.</param>
sealed record GrpcStatusLine(
    RpcException.StatusCode Code,
    string Message,
    byte[]? Details = null,
    bool Untouched = false,
    Exception? Cause = null)
{
    public static GrpcStatusLine Ok { get; } = new(RpcException.StatusCode.OK, "");

    public bool IsOk => Code == RpcException.StatusCode.OK;

    public RpcException ToException() => new(Code, Message, Details);
}

/// <summary>An answer that breaks the protocol; its message is the sentence the caller sees.</summary>
sealed class GrpcProtocolException(RpcException.StatusCode code, string message) : Exception(message)
{
    public GrpcStatusLine ToStatus() => new(code, Message, Cause: this);
}
