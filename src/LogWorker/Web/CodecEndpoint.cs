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
/// <c>{"payloads":[…]}</c>, answered in kind. Payloads that cannot be read here come back as they are.
/// A caller can read every record: it listens on loopback unless a token is set, answers web pages of known origins
/// alone, and without a token refuses host names that are not this machine's, as a page elsewhere could point its own
/// at it.
/// </summary>
sealed class CodecEndpoint(CodecEndpointOptions options, PipelineCodec codec)
    : WebEndpoint("The codec endpoint", options.Ip, options.Port, "LOG_CODEC_PORT")
{
    /// <summary>Longest request: a page of history with several of the largest payloads, as JSON.</summary>
    const long RequestBytesMax = 32 * 1024 * 1024;

    const string PagesPolicy = "codec";

    static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

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
    static void Map(IEndpointRouteBuilder endpoints, string path, Func<Payload, Payload> change) =>
        endpoints.MapPost(path, (HttpRequest request) => AnswerAsync(request, change))
            .WithMetadata(new RequestSizeLimitAttribute(RequestBytesMax));

    static async Task<IResult> AnswerAsync(HttpRequest request, Func<Payload, Payload> change)
    {
        if (!request.HasJsonContentType())
            return Results.Text("Use application/json.\n", statusCode: StatusCodes.Status415UnsupportedMediaType);
        try
        {
            using var reader = new StreamReader(request.Body, Encoding.UTF8);
            var given = Parser.Parse<Payloads>(await reader.ReadToEndAsync(request.HttpContext.RequestAborted)
                .ConfigureAwait(false));
            return Results.Text(JsonFormatter.Default.Format(
                new Payloads { Payloads_ = { given.Payloads_.Select(change) } }), "application/json");
        }
        catch (BadHttpRequestException e)
        {
            return Results.Text("The request is too long or broken.\n", statusCode: e.StatusCode);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException
            or InvalidOperationException or FormatException)
        {
            return Results.Text("The body is not a list of payloads.\n", statusCode: StatusCodes.Status400BadRequest);
        }
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
