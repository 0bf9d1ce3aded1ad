using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace TemporalDevServer.Grpc;

/// <summary>
/// What calls may hold of this process together: a call begins when its request has arrived as a whole, in a bounded
/// time, and until its answer the request's bytes count. Small requests that arrive at once are free, so that callers
/// with these go on while others fill the budget.
/// </summary>
sealed class RequestBudget(long bytesMax, int callsMax, TimeSpan arrivalMax, TimeProvider time)
{
    public const int FreeBytesMax = 64 * 1024;

    // The transport's own head of a message.
    const int HeadBytes = 5;

    long _bytes;
    int _calls;

    public async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        long charged = 0;
        try
        {
            if (Interlocked.Increment(ref _calls) > callsMax)
                GrpcRefusal.Write(
                    context,
                    StatusCode.ResourceExhausted,
                    $"The server has {callsMax} calls under way, and no room for another.");
            else if (IsFree(context.Request.BodyReader) || await ArriveAsync().ConfigureAwait(false))
                await next(context).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
            Interlocked.Add(ref _bytes, -charged);
        }

        async Task<bool> ArriveAsync()
        {
            using var late = new CancellationTokenSource(arrivalMax, time);
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.RequestAborted);
            var body = context.Request.BodyReader;
            try
            {
                while (true)
                {
                    var read = await body.ReadAsync(ends.Token).ConfigureAwait(false);
                    var arrived = read.Buffer.Length;
                    // All stays for the call to read: more comes when all of it has been looked at.
                    body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                    var held = Interlocked.Add(ref _bytes, arrived - charged);
                    charged = arrived;
                    if (held > bytesMax)
                    {
                        GrpcRefusal.Write(
                            context,
                            StatusCode.ResourceExhausted,
                            $"The requests on their way hold {bytesMax} bytes, and there is no room for another.");
                        return false;
                    }
                    // What is too large the library refuses with a status of its own.
                    if (read.IsCompleted || arrived > Engine.Limits.MessageBytesMax + HeadBytes) return true;
                }
            }
            catch (OperationCanceledException) when (late.IsCancellationRequested)
            {
                GrpcRefusal.Write(
                    context,
                    StatusCode.DeadlineExceeded,
                    $"The request did not arrive within {arrivalMax.TotalSeconds:0} seconds.");
                return false;
            }
        }
    }

    static bool IsFree(PipeReader body)
    {
        if (!body.TryRead(out var read)) return false;
        body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        return read.IsCompleted && read.Buffer.Length <= FreeBytesMax;
    }
}
