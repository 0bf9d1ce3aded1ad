using System.Net;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using LogPipeline.Workflows.Codecs;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Temporalio.Api.Common.V1;

namespace LogPipeline.Worker.Http;

/// <summary>
/// Temporal's remote codec protocol, for its UI and CLI: POST <c>…/decode</c> and <c>…/encode</c> with
/// <c>{"payloads":[…]}</c>, answered in kind. Payloads that cannot be read here come back as they are.
/// Whoever may ask may read every record: it listens on loopback unless a token is set, answers web pages of known origins
/// alone, and without a token refuses host names that are not this machine's, as a page elsewhere could point its own at it.
/// </summary>
sealed class CodecEndpoint(CodecEndpointOptions options, PipelineCodec codec, ILogger<CodecEndpoint> logger) : IHostedService
{
    /// <summary>Longest request: a page of history with several of the largest payloads, as JSON.</summary>
    const long RequestBytesMax = 32 * 1024 * 1024;

    static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    readonly IReadOnlyList<string> _origins = options.OriginList;
    readonly SmallServer _server = new("The codec endpoint", options.Ip, options.Port, "LOG_CODEC_PORT", RequestBytesMax);

    /// <summary>Where it listens; null: it does not.</summary>
    public string? Address => _server.Address;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(HandleAsync, cancellationToken).ConfigureAwait(false);
        if (Address is { } address) WorkerLog.CodecListens(logger, address);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

    async Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.CacheControl = "no-store";
        if (!IsForUs(request)) await SayAsync(response, StatusCodes.Status400BadRequest, "This host name is not served.").ConfigureAwait(false);
        else if (request.Headers.Origin.ToString() is { Length: > 0 } origin && !Allow(origin, response)) await SayAsync(response, StatusCodes.Status403Forbidden, "This origin may not ask; see LOG_CODEC_ORIGINS.").ConfigureAwait(false);
        else if (HttpMethods.IsOptions(request.Method)) response.StatusCode = StatusCodes.Status204NoContent;
        else if (ChangeOf(request.Path) is not { } change) await SayAsync(response, StatusCodes.Status404NotFound, "Use /decode or /encode.").ConfigureAwait(false);
        else if (!HttpMethods.IsPost(request.Method)) await SayAsync(response, StatusCodes.Status405MethodNotAllowed, "Use POST.").ConfigureAwait(false);
        else if (!IsKnown(request)) await SayAsync(response, StatusCodes.Status401Unauthorized, "Send 'Authorization: Bearer' with the token.").ConfigureAwait(false);
        else if (!request.HasJsonContentType()) await SayAsync(response, StatusCodes.Status415UnsupportedMediaType, "Use application/json.").ConfigureAwait(false);
        else await AnswerAsync(request, response, change).ConfigureAwait(false);
    }

    async Task AnswerAsync(HttpRequest request, HttpResponse response, Func<Payload, Payload> change)
    {
        try
        {
            using var reader = new StreamReader(request.Body, Encoding.UTF8);
            var given = Parser.Parse<Payloads>(await reader.ReadToEndAsync(request.HttpContext.RequestAborted).ConfigureAwait(false));
            response.ContentType = "application/json";
            await response.WriteAsync(JsonFormatter.Default.Format(new Payloads { Payloads_ = { given.Payloads_.Select(change) } }), request.HttpContext.RequestAborted).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            await SayAsync(response, e.StatusCode, "The request is too long or broken.").ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException or InvalidOperationException or FormatException)
        {
            await SayAsync(response, StatusCodes.Status400BadRequest, "The body is not a list of payloads.").ConfigureAwait(false);
        }
    }

    Func<Payload, Payload>? ChangeOf(string? path) => path switch
    {
        // A namespace may stand in front.
        not null when path.EndsWith("/decode", StringComparison.Ordinal) => Decode,
        not null when path.EndsWith("/encode", StringComparison.Ordinal) => codec.Encode,
        _ => null,
    };

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

    bool IsForUs(HttpRequest request) =>
        options.Token is not null || request.Host.Host is "localhost" || (IPAddress.TryParse(request.Host.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    bool Allow(string origin, HttpResponse response)
    {
        if (!_origins.Contains(origin)) return false;
        response.Headers.AccessControlAllowOrigin = origin;
        response.Headers.AccessControlAllowMethods = "POST";
        response.Headers.AccessControlAllowHeaders = "content-type,x-namespace,authorization";
        response.Headers.AccessControlAllowCredentials = "true";
        response.Headers.Vary = "Origin";
        return true;
    }

    bool IsKnown(HttpRequest request) => options.Token is not { } token || CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(request.Headers.Authorization.ToString())), SHA256.HashData(Encoding.UTF8.GetBytes("Bearer " + token.Value)));

    static Task SayAsync(HttpResponse response, int status, string sentence)
    {
        response.StatusCode = status;
        return response.WriteAsync(sentence + "\n");
    }
}
