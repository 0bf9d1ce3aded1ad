using Microsoft.AspNetCore.Http;

namespace TemporalDevServer.Grpc;

/// <summary>Refuses a call before the gRPC library sees it, in the same form: a status and nothing else.</summary>
static class GrpcRefusal
{
    public static void Write(HttpContext context, StatusCode code, string why)
    {
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = "application/grpc";
        context.Response.Headers.GrpcStatus = ((int)code).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.GrpcMessage = why;
    }
}
