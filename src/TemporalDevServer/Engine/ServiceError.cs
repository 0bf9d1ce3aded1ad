using Google.Protobuf;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;

namespace TemporalDevServer.Engine;

/// <summary>The codes of gRPC that the engine answers with.</summary>
enum ErrorCode
{
    Canceled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16,
}

/// <summary>A call is refused, with the code, the sentence and the detail by which Temporal's clients know why.</summary>
sealed class ServiceError(ErrorCode code, string message, IMessage? detail = null) : Exception(message)
{
    public ErrorCode Code { get; } = code;
    public IMessage? Detail { get; } = detail;

    public static ServiceError Invalid(string message) => new(ErrorCode.InvalidArgument, message);

    public static ServiceError NotFound(string message) => new(ErrorCode.NotFound, message, new NotFoundFailure());

    public static ServiceError NoWorkflow(string workflowId) => NotFound($"workflow not found for ID: {workflowId}");

    public static ServiceError Completed() => NotFound("workflow execution already completed");

    public static ServiceError TooMuch(string message, ResourceExhaustedCause cause) =>
        new(ErrorCode.ResourceExhausted, message, new ResourceExhaustedFailure { Cause = cause, Scope = ResourceExhaustedScope.Namespace });
}
