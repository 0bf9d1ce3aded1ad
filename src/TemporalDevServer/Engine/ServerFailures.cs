using Temporalio.Api.Failure.V1;

namespace TemporalDevServer.Engine;

/// <summary>The failures that the server itself makes.</summary>
static class ServerFailures
{
    const string ServerSource = "Server";

    public static Failure Create(string message) =>
        new() { Message = message, Source = ServerSource, ServerFailureInfo = new() };

    public static Failure Timeout(
        TimeoutType type, Temporalio.Api.Common.V1.Payloads? heartbeatDetails = null, Failure? cause = null) => new()
    {
        Message = $"activity {type} timeout",
        Source = ServerSource,
        TimeoutFailureInfo = new() { TimeoutType = type, LastHeartbeatDetails = heartbeatDetails },
        Cause = cause,
    };
}
