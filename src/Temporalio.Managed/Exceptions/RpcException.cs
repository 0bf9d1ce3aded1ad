using Temporalio.Api.Common.V1;

namespace Temporalio.Exceptions;

/// <summary>A call to the server ended with a status other than OK.</summary>
public class RpcException : TemporalException
{
    /// <param name="code">The gRPC status.</param>
    /// <param name="message">The gRPC message.</param>
    /// <param name="rawStatus">The bytes of <c>grpc-status-details-bin</c>, when the server sent them.</param>
    public RpcException(StatusCode code, string message, byte[]? rawStatus) : base(message)
    {
        Code = code;
        RawStatus = rawStatus;
        GrpcStatus = new(() => rawStatus == null ? null : Api.Common.V1.GrpcStatus.Parser.ParseFrom(rawStatus));
    }

    internal RpcException(GrpcStatus status) : base(status.Message)
    {
        Code = (StatusCode)status.Code;
        GrpcStatus = new(() => status);
    }

    /// <summary>The status codes of gRPC. Calls that may be retried are, within their deadline, at <see cref="Unavailable"/>, <see cref="ResourceExhausted"/>, <see cref="Internal"/> and the like, before the exception is thrown.</summary>
    public enum StatusCode
    {
        OK = 0,
        Cancelled = 1,
        Unknown = 2,
        InvalidArgument = 3,
        DeadlineExceeded = 4,
        NotFound = 5,
        AlreadyExists = 6,
        PermissionDenied = 7,
        ResourceExhausted = 8,
        FailedPrecondition = 9,
        Aborted = 10,
        OutOfRange = 11,
        Unimplemented = 12,
        Internal = 13,
        Unavailable = 14,
        DataLoss = 15,
        Unauthenticated = 16,
    }

    public StatusCode Code { get; }

    public byte[]? RawStatus { get; }

    /// <summary>The status with its details, parsed when first asked for; null when the server sent none.</summary>
    public Lazy<GrpcStatus?> GrpcStatus { get; }
}

/// <summary>A call ran into its deadline, or its cancellation token was cancelled.</summary>
public class RpcTimeoutOrCanceledException : TemporalException
{
    public RpcTimeoutOrCanceledException(string message, Exception? inner) : base(message, inner) { }
}

/// <summary>Waiting for an update ran into its deadline or was cancelled; the update itself goes on.</summary>
public class WorkflowUpdateRpcTimeoutOrCanceledException : RpcTimeoutOrCanceledException
{
    public WorkflowUpdateRpcTimeoutOrCanceledException(Exception? inner) : base("Timeout or cancellation waiting for update", inner) { }
}
