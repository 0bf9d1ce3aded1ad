using System.Buffers.Binary;
using Google.Protobuf;
using Grpc.Health.V1;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using TemporalDevServer.Engine;
using TemporalDevServer.Host;

namespace TemporalDevServer.Grpc;

/// <summary>Unary gRPC on Kestrel: a request becomes an input of the engine, the engine's reply the answer.</summary>
sealed class GrpcEndpoint(EngineLoop loop, TimeProvider time, ApiKeyCheck? apiKey, DevServerFaults? faults)
{
    const string HealthCheck = "/grpc.health.v1.Health/Check";

    // A call that waits is answered this long before its caller would give up.
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    public async Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) != true)
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-accept-encoding"] = "gzip";
        try
        {
            apiKey?.Check(context.Request.Headers.Authorization);
            var fault = faults?.Next(NameOf(context.Request.Path)) ?? default;
            if (fault.Delay > TimeSpan.Zero) await Task.Delay(fault.Delay, time, context.RequestAborted).ConfigureAwait(false);
            if (fault.Refuse is { } code) throw new ServiceError((ErrorCode)code, "This call was made to fail.");
            var message = await AnswerAsync(context).ConfigureAwait(false);
            if (fault.LoseAnswer) throw new ServiceError(ErrorCode.DeadlineExceeded, "This call was carried out, and made to look as if it had timed out.");
            await SendAsync(context, message).ConfigureAwait(false);
        }
        catch (ServiceError error)
        {
            GrpcStatusWriter.WriteError(context.Response, error);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionResetException)
        {
            // The caller is gone; there is nobody to tell.
            context.Abort();
        }
    }

    async Task<IMessage> AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var timeout = GrpcTimeout.Parse(request.Headers["grpc-timeout"]);
        var path = request.Path.Value ?? "";
        var bytes = await GrpcMessageReader.ReadAsync(request.BodyReader, request.Headers["grpc-encoding"], Limits.MessageBytesMax, context.RequestAborted).ConfigureAwait(false);
        if (path == HealthCheck) return Health(bytes);
        var method = Method.Find(path) ?? throw Unknown(path);
        var call = loop.CallAsync(method.Kind, Parse(method.Parser, bytes), bytes, out var callId);
        if (call.IsCompleted) return Message(await call.ConfigureAwait(false));

        using var late = time.CreateTimer(_ => End(method, callId), null, WaitOf(method, timeout), Timeout.InfiniteTimeSpan);
        try
        {
            return Message(await call.WaitAsync(context.RequestAborted).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            loop.Abandon(callId);
            throw;
        }
    }

    static string NameOf(PathString path) => path.Value is { } text ? text[(text.LastIndexOf('/') + 1)..] : "";

    void End(Method method, long callId)
    {
        if (method.Wait is not null) loop.Expire(callId);
    }

    static TimeSpan WaitOf(Method method, TimeSpan? timeout)
    {
        if (method.Wait is not { } wait) return Timeout.InfiniteTimeSpan;
        if (timeout is not { } limit || limit - Grace >= wait || method.Held) return wait;
        return limit > 2 * Grace ? limit - Grace : limit / 2;
    }

    static IMessage Message(Reply reply) => reply.Message ?? throw reply.Error!;

    static IMessage Parse(MessageParser parser, byte[] bytes)
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ServiceError(ErrorCode.Internal, $"grpc: error unmarshalling request: {e.Message}");
        }
    }

    static async Task SendAsync(HttpContext context, IMessage message)
    {
        var size = message.CalculateSize();
        if (size > Limits.MessageBytesMax)
            throw new ServiceError(ErrorCode.ResourceExhausted, $"grpc: trying to send message larger than max ({size} vs. {Limits.MessageBytesMax})");
        GrpcStatusWriter.WriteOk(context.Response);
        var writer = context.Response.BodyWriter;
        var header = writer.GetSpan(5);
        header[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], size);
        writer.Advance(5);
        message.WriteTo(writer);
        await context.Response.CompleteAsync().ConfigureAwait(false);
    }

    static HealthCheckResponse Health(byte[] bytes)
    {
        Parse(HealthCheckRequest.Parser, bytes);
        return new HealthCheckResponse { Status = HealthCheckResponse.Types.ServingStatus.Serving };
    }

    static ServiceError Unknown(string path)
    {
        var parts = path.TrimStart('/').Split('/');
        return new ServiceError(ErrorCode.Unimplemented, parts.Length == 2 ? $"unknown method {parts[1]} for service {parts[0]}" : $"malformed method name: \"{path}\"");
    }
}
