using Google.Protobuf;
using LogPipeline.Workflows.Codecs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Temporalio.Api.Common.V1;

namespace LogPipeline.Worker.Web;

/// <summary>
/// Temporal's remote codec protocol, for its UI and CLI: POST <c>/codec/…/decode</c> and <c>/codec/…/encode</c> with
/// <c>{"payloads":[…]}</c>, answered in kind. Payloads that cannot be read here come back as they are, and so do those
/// that would make the answer too long. A caller can read every record: <see cref="RequestGuard"/> decides who may.
/// </summary>
sealed class CodecEndpoints(PipelineCodec codec, CorsPolicy pages) : IWebEndpoints
{
    /// <summary>Longest request: a page of history with several of the largest payloads, as JSON.</summary>
    public const int RequestBytesMax = 16 * 1024 * 1024;

    /// <summary>Most payloads of one request.</summary>
    public const int PayloadsMax = 1_000;

    /// <summary>Once an answer has so many bytes of payloads, the rest comes back as it is.</summary>
    public const int AnswerBytesMax = 32 * 1024 * 1024;

    /// <summary>Requests that are worked on at a time.</summary>
    const int TurnsMax = 2;

    /// <summary>Requests that wait for their turn; more are told to come again.</summary>
    public const int WaitingMax = 30;

    static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    const string PagesPolicy = "codec";

    static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    readonly SemaphoreSlim _turns = new(TurnsMax);
    int _requests;

    /// <summary>The pages of other origins that may ask.</summary>
    public static CorsPolicy PagesOf(IReadOnlyList<string> origins) => new CorsPolicyBuilder([.. origins])
        .WithMethods(HttpMethods.Post).WithHeaders("content-type", "x-namespace", "authorization")
        .AllowCredentials().Build();

    public void AddServices(IServiceCollection services) =>
        services.AddCors(cors => cors.AddPolicy(PagesPolicy, pages));

    public void Map(IEndpointRouteBuilder routes)
    {
        Map(routes, @"/codec/{**path:regex((^|\x2f)decode$)}", Decode);
        Map(routes, @"/codec/{**path:regex((^|\x2f)encode$)}", codec.Encode);
    }

    // A namespace may stand in front.
    void Map(IEndpointRouteBuilder routes, string path, Func<Payload, Payload> change) =>
        routes.MapPost(path, (HttpContext context) => AnswerAsync(context, change)).RequireCors(PagesPolicy)
            .WithMetadata(new RequestSizeLimitAttribute(RequestBytesMax));

    async Task AnswerAsync(HttpContext context, Func<Payload, Payload> change)
    {
        if (!context.Request.HasJsonContentType())
        {
            await RequestGuard.RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, "Use application/json.")
                .ConfigureAwait(false);
            return;
        }
        if (Interlocked.Increment(ref _requests) > TurnsMax + WaitingMax)
        {
            Interlocked.Decrement(ref _requests);
            context.Response.Headers.RetryAfter = "1";
            await RequestGuard.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many are waiting; ask again.")
                .ConfigureAwait(false);
            return;
        }
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        // Whoever reads slowly must not keep others from their turn.
        ending.CancelAfter(RequestTimeout);
        var hasTurn = false;
        try
        {
            await _turns.WaitAsync(ending.Token).ConfigureAwait(false);
            hasTurn = true;
            if (await ReadAsync(context, ending.Token).ConfigureAwait(false) is { } payloads)
                await WriteAsync(context.Response, payloads, change, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
        finally
        {
            if (hasTurn) _turns.Release();
            Interlocked.Decrement(ref _requests);
        }
    }

    /// <returns>Null: they are none, which is answered.</returns>
    static async Task<List<Payload>?> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        try
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, default, cancellationToken)
                .ConfigureAwait(false);
            if (!body.RootElement.TryGetProperty("payloads", out var given)) return [];
            if (given.GetArrayLength() > PayloadsMax)
            {
                await RequestGuard.RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, $"Send {PayloadsMax} payloads at most.")
                    .ConfigureAwait(false);
                return null;
            }
            return [.. given.EnumerateArray().Select(payload => Parser.Parse<Payload>(payload.GetRawText()))];
        }
        catch (BadHttpRequestException e)
        {
            await RequestGuard.RefuseAsync(context, e.StatusCode, "The request is too long or broken.").ConfigureAwait(false);
        }
        catch (Exception e) when (e is JsonException or InvalidProtocolBufferException or InvalidJsonException
            or InvalidOperationException or FormatException)
        {
            await RequestGuard.RefuseAsync(context, StatusCodes.Status400BadRequest, "The body is not a list of payloads.")
                .ConfigureAwait(false);
        }
        return null;
    }

    // One after the other: a decoded payload is in memory until it is sent, and no longer.
    static async Task WriteAsync(HttpResponse response, List<Payload> payloads, Func<Payload, Payload> change,
        CancellationToken cancellationToken)
    {
        response.ContentType = "application/json; charset=utf-8";
        await response.WriteAsync("{\"payloads\":[", cancellationToken).ConfigureAwait(false);
        var left = AnswerBytesMax;
        for (var i = 0; i < payloads.Count; i++)
        {
            var answer = left > 0 ? change(payloads[i]) : payloads[i];
            left -= answer.CalculateSize();
            var text = JsonFormatter.Default.Format(answer);
            await response.WriteAsync(i == 0 ? text : "," + text, cancellationToken).ConfigureAwait(false);
        }
        await response.WriteAsync("]}", cancellationToken).ConfigureAwait(false);
    }

    Payload Decode(Payload payload)
    {
        try
        {
            return codec.Decode(payload);
        }
        catch (PayloadNotReadableException)
        {
            // The others may be readable.
            return payload;
        }
    }
}
