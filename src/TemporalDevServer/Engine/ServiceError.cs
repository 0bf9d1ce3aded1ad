using Temporalio.Api.ErrorDetails.V1;

namespace TemporalDevServer.Engine;

/// <summary>
/// A call is refused, with the code, the sentence and the detail by which Temporal's clients know why.
/// </summary>
sealed class ServiceError(StatusCode code, string message, IMessage? detail = null) : Exception(message)
{
    public StatusCode Code { get; } = code;
    public IMessage? Detail { get; } = detail;

    public static ServiceError Invalid(string message) => new(StatusCode.InvalidArgument, message);

    public static ServiceError NotFound(string message) => new(StatusCode.NotFound, message, new NotFoundFailure());

    public static ServiceError NoWorkflow(string workflowId) => NotFound($"workflow not found for ID: {workflowId}");

    public static ServiceError Completed() => NotFound("workflow execution already completed");

    /// <summary>The server has a mistake of its own, which this read met.</summary>
    public static ServiceError Internal(IMessage request, Exception met) => new(
        StatusCode.Internal,
        $"The server could not answer {request.GetType().Name}: it met {met.GetType().Name}, and goes on.");

    public static ServiceError TooMuch(string message, ResourceExhaustedCause cause) =>
        new(StatusCode.ResourceExhausted, message, new ResourceExhaustedFailure
        {
            Cause = cause,
            Scope = ResourceExhaustedScope.Namespace,
        });
}
