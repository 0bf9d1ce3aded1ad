using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using LogPipeline.Worker.Hosting;
using LogPipeline.Workflows.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LogPipeline.Worker.Http;

/// <summary>
/// For probes: <c>GET /healthz</c> says whether the process is worth keeping, <c>GET /ready</c> whether batches can be written now,
/// and if not, which path cannot since when. A full disk makes the worker unready and not unhealthy: to restart it would not help.
/// </summary>
/// <param name="options">Where it listens.</param>
/// <param name="readiness">What is answered.</param>
/// <param name="isRunning">False: the writer has ended without being told.</param>
/// <param name="logger">Told where it listens.</param>
sealed class StatusEndpoint(StatusEndpointOptions options, Readiness readiness, Func<bool> isRunning, ILogger<StatusEndpoint> logger) : IHostedService
{
    const long RequestBytesMax = 4096;

    readonly SmallServer _server = new("The status endpoint", options.Ip, options.Port, "LOG_HTTP_PORT", RequestBytesMax);

    /// <summary>Where it listens; null: it does not.</summary>
    public string? Address => _server.Address;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(HandleAsync, cancellationToken).ConfigureAwait(false);
        if (Address is { } address) WorkerLog.StatusListens(logger, address);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

    Task HandleAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (context.Request.Path.Value is not ("/ready" or "/healthz")) return SayAsync(context, StatusCodes.Status404NotFound, new StatusAnswer(false, "Use /ready or /healthz."));
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method)) return SayAsync(context, StatusCodes.Status405MethodNotAllowed, new StatusAnswer(false, "Use GET."));
        if (!isRunning()) return SayAsync(context, StatusCodes.Status503ServiceUnavailable, new StatusAnswer(false, "The writer has ended; restart the worker."));
        if (context.Request.Path.Value == "/healthz") return SayAsync(context, StatusCodes.Status200OK, new StatusAnswer(true, "The worker runs."));
        return readiness.Trouble is { } trouble
            ? SayAsync(context, StatusCodes.Status503ServiceUnavailable, new StatusAnswer(false, trouble.Sentence, trouble.Path, trouble.Since))
            : SayAsync(context, StatusCodes.Status200OK, new StatusAnswer(true, $"Batches are written to {readiness.Path}.", readiness.Path));
    }

    static Task SayAsync(HttpContext context, int status, StatusAnswer answer)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer, StatusJson.Default.StatusAnswer), context.RequestAborted).AsTask();
    }
}

/// <summary>Where probes may ask.</summary>
sealed record StatusEndpointOptions
{
    /// <summary>LOG_HTTP_PORT. 0: there is no endpoint.</summary>
    public int Port { get; init; }

    /// <summary>LOG_HTTP_IP. The address that is listened on; 127.0.0.1. It answers anybody, with nothing but paths and reasons.</summary>
    public string Ip { get; init; } = "127.0.0.1";

    public static StatusEndpointOptions Read(EnvironmentReader environment)
    {
        var options = new StatusEndpointOptions
        {
            Port = environment.ReadCount("LOG_HTTP_PORT", 0, 0, 65535),
            Ip = environment.ReadText("LOG_HTTP_IP", new StatusEndpointOptions().Ip),
        };
        if (!IPAddress.TryParse(options.Ip, out _)) environment.Refuse("LOG_HTTP_IP", options.Ip, "use an IP address, such as 127.0.0.1, or 0.0.0.0 for all");
        return options;
    }
}

/// <summary>What a probe is told.</summary>
sealed record StatusAnswer(
    [property: JsonPropertyName("ok")] bool Ok,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("path"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Path = null,
    [property: JsonPropertyName("since"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? Since = null);

[JsonSerializable(typeof(StatusAnswer))]
sealed partial class StatusJson : JsonSerializerContext;
