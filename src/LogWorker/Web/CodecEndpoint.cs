using System.Net;
using System.Security.Cryptography;
using Google.Protobuf;
using LogPipeline.Worker.Observability;
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
/// Temporal's remote codec protocol, for its UI and CLI: POST <c>…/decode</c> and <c>…/encode</c> with
/// <c>{"payloads":[…]}</c>, answered in kind. Payloads that cannot be read here come back as they are, and so do those
/// that would make the answer too long.
/// A caller can read every record: it listens on loopback unless a token is set, answers web pages of known origins
/// alone, and without a token refuses host names that are not this machine's, as a page elsewhere could point its own
/// at it.
/// </summary>
sealed class CodecEndpoint(CodecEndpointOptions options, PipelineCodec codec)
    : WebEndpoint("The codec endpoint", options.Ip, options.Port, "LOG_CODEC_PORT")
{
    /// <summary>Longest request: a page of history with several of the largest payloads, as JSON.</summary>
    public const int RequestBytesMax = 16 * 1024 * 1024;

    /// <summary>Most payloads of one request.</summary>
    public const int PayloadsMax = 1_000;

    /// <summary>Once an answer has so many bytes of payloads, the rest comes back as it is.</summary>
    public const int AnswerBytesMax = 32 * 1024 * 1024;

    /// <summary>Requests that are worked on at a time; others wait.</summary>
    const int TurnsMax = 2;

    static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    const string PagesPolicy = "codec";

    static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    readonly SemaphoreSlim _turns = new(TurnsMax);

    readonly CorsPolicy _pages = new CorsPolicyBuilder([.. options.OriginList])
        .WithMethods(HttpMethods.Post).WithHeaders("content-type", "x-namespace", "authorization")
        .AllowCredentials().Build();

    public override void LogListening(ILogger logger) => WorkerLog.CodecListens(logger, Address);

    public override void AddServices(IServiceCollection services) =>
        services.AddCors(cors => cors.AddPolicy(PagesPolicy, _pages));

    public override void Serve(IApplicationBuilder app)
    {
        app.Use((context, next) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            if (!IsLocalHost(context.Request))
                return RefuseAsync(context, StatusCodes.Status400BadRequest, "This host name is not served.");
            // The policy alone would hide the answer from the page, and still have done what it asked.
            return context.Request.Headers.Origin.ToString() is { Length: > 0 } origin
                && !_pages.IsOriginAllowed(origin)
                ? RefuseAsync(context, StatusCodes.Status403Forbidden,
                    "This origin may not ask; see LOG_CODEC_ORIGINS.")
                : next(context);
        });
        app.UseCors(PagesPolicy);
        app.Use((context, next) => IsAuthorized(context.Request)
            ? next(context)
            : RefuseAsync(context, StatusCodes.Status401Unauthorized, "Send 'Authorization: Bearer' with the token."));
        app.UseRouting();
        app.UseEndpoints(endpoints =>
        {
            Map(endpoints, @"{**path:regex((^|\x2f)decode$)}", Decode);
            Map(endpoints, @"{**path:regex((^|\x2f)encode$)}", codec.Encode);
        });
    }

    // A namespace may stand in front.
    void Map(IEndpointRouteBuilder endpoints, string path, Func<Payload, Payload> change) =>
        endpoints.MapPost(path, (HttpContext context) => AnswerAsync(context, change))
            .WithMetadata(new RequestSizeLimitAttribute(RequestBytesMax));

    async Task AnswerAsync(HttpContext context, Func<Payload, Payload> change)
    {
        if (!context.Request.HasJsonContentType())
        {
            await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, "Use application/json.")
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
                await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, $"Send {PayloadsMax} payloads at most.")
                    .ConfigureAwait(false);
                return null;
            }
            return [.. given.EnumerateArray().Select(payload => Parser.Parse<Payload>(payload.GetRawText()))];
        }
        catch (BadHttpRequestException e)
        {
            await RefuseAsync(context, e.StatusCode, "The request is too long or broken.").ConfigureAwait(false);
        }
        catch (Exception e) when (e is JsonException or InvalidProtocolBufferException or InvalidJsonException
            or InvalidOperationException or FormatException)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "The body is not a list of payloads.")
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

    // Host filtering of ASP.NET compares names, and does not see that an address is this machine's.
    bool IsLocalHost(HttpRequest request) =>
        options.Token is not null || request.Host.Host is "localhost"
            || (IPAddress.TryParse(request.Host.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    bool IsAuthorized(HttpRequest request) => options.Token is not { } token || CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(request.Headers.Authorization.ToString())),
        SHA256.HashData(Encoding.UTF8.GetBytes("Bearer " + token)));

    static Task RefuseAsync(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(sentence + "\n", context.RequestAborted);
    }
}
