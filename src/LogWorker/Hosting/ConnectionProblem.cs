using Temporalio.Exceptions;

namespace LogPipeline.Worker.Hosting;

/// <summary>Says why Temporal cannot be used, in one sentence with what to do.</summary>
static class ConnectionProblem
{
    public static string Describe(Exception error, LogWorkerOptions options) => error switch
    {
        RpcException { Code: RpcException.StatusCode.NotFound } =>
            $"Temporal at {options.Address} has no namespace '{options.Namespace}'; create it with 'temporal operator namespace create --namespace {options.Namespace}' or set TEMPORAL_NAMESPACE.",
        RpcException { Code: RpcException.StatusCode.Unauthenticated or RpcException.StatusCode.PermissionDenied } e =>
            $"Temporal at {options.Address} refuses this worker ({e.Message}); check TEMPORAL_API_KEY, the client certificate and the rights on namespace '{options.Namespace}'.",
        TimeoutException => $"Temporal at {options.Address} does not answer; check TEMPORAL_ADDRESS, the network and whether it expects TLS (TEMPORAL_TLS).",
        _ => $"Temporal at {options.Address} cannot be reached ({Innermost(error)}); check TEMPORAL_ADDRESS and that the server runs.",
    };

    static string Innermost(Exception error)
    {
        while (error.InnerException is { } inner) error = inner;
        return error.Message.TrimEnd('.').ReplaceLineEndings(" ");
    }
}
