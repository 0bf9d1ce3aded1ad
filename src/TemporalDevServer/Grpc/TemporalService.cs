using Google.Protobuf.WellKnownTypes;
using TemporalDevServer.Engine;
using TemporalDevServer.Host;
using TemporalDevServer.Observability;

namespace TemporalDevServer.Grpc;

/// <summary>Puts a call to the engine; the engine's reply is its answer.</summary>
sealed class TemporalService(EngineLoop loop, TimeProvider time)
{
    // A call that waits is answered this long before its caller would give up.
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    // A refusal travels in headers, of which clients take 16 KiB, and may repeat what was asked.
    const int MessageCharsMax = 1000;
    const int DetailBytesMax = 4096;

    /// <param name="name">The call's name, for metrics.</param>
    public async Task<IMessage> AnswerAsync(string name, Call call, TemporalRequest request, ServerCallContext context)
    {
        var begun = ServerMetrics.Begin(name);
        StatusCode? error = StatusCode.Cancelled;
        try
        {
            var message = await AnswerAsync(call, request, context).ConfigureAwait(false);
            error = null;
            return message;
        }
        catch (RpcException e)
        {
            error = e.StatusCode;
            throw;
        }
        finally
        {
            ServerMetrics.End(name, begun, error);
        }
    }

    async Task<IMessage> AnswerAsync(Call call, TemporalRequest request, ServerCallContext context)
    {
        var answer = loop.CallAsync(request.Message, request.Bytes, out var callId);
        try
        {
            using var late = call.Wait is { } wait && !answer.IsCompleted
                ? time.CreateTimer(
                    _ => loop.Expire(callId), null, WaitOf(wait, call.Held, context.Deadline), Timeout.InfiniteTimeSpan)
                : null;
            return MessageOf(await answer.WaitAsync(context.CancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            loop.Abandon(callId);
            throw;
        }
    }

    TimeSpan WaitOf(TimeSpan wait, bool held, DateTime deadline)
    {
        if (held || deadline == DateTime.MaxValue) return wait;
        var limit = deadline - time.GetUtcNow().UtcDateTime;
        if (limit - Grace >= wait) return wait;
        if (limit > 2 * Grace) return limit - Grace;
        return limit > TimeSpan.Zero ? limit / 2 : TimeSpan.Zero;
    }

    static IMessage MessageOf(Reply reply) => reply.Message ?? throw Refused(reply.Error!);

    // Temporal's clients recognize the detail by its type URL alone, whatever the message is.
    static RpcException Refused(ServiceError error)
    {
        var trailers = new Metadata();
        var message = error.Message.Length <= MessageCharsMax
            ? error.Message
            : $"{error.Message.AsSpan(0, MessageCharsMax)}…";
        if (error.Detail is { } detail && detail.CalculateSize() <= DetailBytesMax)
        {
            var status = new GrpcStatus
            {
                Code = (int)error.Code,
                Message = message,
                Details = { Any.Pack(detail) },
            };
            trailers.Add("grpc-status-details-bin", status.ToByteArray());
        }
        return new RpcException(new Status(error.Code, message), trailers);
    }
}

/// <summary>A request, and its bytes as received where the journal stores them.</summary>
sealed record TemporalRequest(IMessage Message, ReadOnlyMemory<byte> Bytes);
