using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LogPipeline.Worker.Web.Tail;

/// <summary>
/// <c>GET /api/tail</c>: the lines of batches that are on the disk, as server-sent events, the last ones first and then each
/// that comes. Whoever does not keep up gets an event <c>gap</c> with how many were left out; whoever does not read at all is
/// left.
/// </summary>
sealed class TailEndpoint(LiveTail tail, TimeProvider time) : IWebEndpoints
{
    static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(15);

    // A browser whose machine sleeps comes again by itself.
    static readonly TimeSpan FlushMax = TimeSpan.FromSeconds(10);

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/tail", AnswerAsync);

    async Task AnswerAsync(HttpContext context)
    {
        var (filter, problem) = TailFilter.Read(context.Request.Query);
        if (filter is null)
        {
            await RequestGuard.RefuseAsync(context, StatusCodes.Status400BadRequest, problem!).ConfigureAwait(false);
            return;
        }
        if (tail.TryOpen() is not { } opened)
        {
            context.Response.Headers.RetryAfter = "5";
            await RequestGuard.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable,
                $"{LiveTail.ReadersMax} readers follow the tail already; close one, or ask again.").ConfigureAwait(false);
            return;
        }
        using var reader = opened.Reader;
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            context.Response.ContentType = "text/event-stream";
            await FollowAsync(filter, opened.Recent, reader, context.Response.BodyWriter, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The reader has gone, does not read, or the worker stops.
            if (!stopping.IsCancellationRequested) context.Abort();
        }
    }

    async Task FollowAsync(TailFilter filter, TailBatch[] recent, TailReader reader, PipeWriter output,
        CancellationToken cancellationToken)
    {
        TailEvents.WriteStart(output);
        foreach (var line in recent.SelectMany(batch => batch.GetLines()).Where(filter.Takes).TakeLast(filter.Last))
            TailEvents.Write(line, output);
        await FlushAsync(output, cancellationToken).ConfigureAwait(false);
        var flushedAt = time.GetTimestamp();
        while (true)
        {
            var untilHeartbeat = HeartbeatInterval - time.GetElapsedTime(flushedAt);
            var (batches, missed) = await reader.ReadAsync(untilHeartbeat, cancellationToken).ConfigureAwait(false);
            // The response does not tell what it holds while it is sent in chunks.
            var isAny = missed > 0;
            if (isAny) TailEvents.WriteGap(missed, output);
            foreach (var batch in batches)
            {
                foreach (var line in batch.GetLines().Where(filter.Takes))
                {
                    TailEvents.Write(line, output);
                    isAny = true;
                }
                if (!isAny) continue;
                isAny = false;
                await FlushAsync(output, cancellationToken).ConfigureAwait(false);
                flushedAt = time.GetTimestamp();
            }
            // Also while all that comes is filtered out.
            if (time.GetElapsedTime(flushedAt) < HeartbeatInterval) continue;
            TailEvents.WriteHeartbeat(output);
            await FlushAsync(output, cancellationToken).ConfigureAwait(false);
            flushedAt = time.GetTimestamp();
        }
    }

    static async Task FlushAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(FlushMax);
        var flushed = await output.FlushAsync(late.Token).ConfigureAwait(false);
        if (flushed.IsCompleted || flushed.IsCanceled) throw new OperationCanceledException("Nobody reads.");
    }
}
