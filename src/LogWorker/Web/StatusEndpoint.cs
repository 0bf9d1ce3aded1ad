using System.Text.Json.Nodes;
using LogPipeline.Worker.Observability;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPipeline.Worker.Web;

/// <summary>
/// For probes: <c>GET /healthz</c> is healthy while the process should run on, <c>GET /ready</c> whether batches can be
/// written now, and if not, which path cannot since when. A full disk makes the worker unready and not unhealthy: to
/// restart it would not help.
/// </summary>
/// <param name="options">Where it listens.</param>
/// <param name="readiness">What is answered.</param>
/// <param name="isRunning">False: the writer has ended unexpectedly.</param>
sealed class StatusEndpoint(StatusEndpointOptions options, Readiness readiness, Func<bool> isRunning)
    : WebEndpoint("The status endpoint", options.Ip, options.Port, "LOG_HTTP_PORT")
{
    const string Writer = "writer";
    const string Directory = "directory";
    const string PathData = "path";
    const string SinceData = "since";

    public override void LogListening(ILogger logger) => WorkerLog.StatusListens(logger, Address);

    public override void AddServices(IServiceCollection services) =>
        services.AddHealthChecks().AddCheck(Writer, CheckWriter).AddCheck(Directory, CheckDirectory);

    public override void Serve(IApplicationBuilder app)
    {
        app.UseRouting();
        app.UseEndpoints(endpoints =>
        {
            Map(endpoints, "/healthz", check => check.Name == Writer);
            Map(endpoints, "/ready", _ => true);
        });
    }

    HealthCheckResult CheckWriter() => isRunning()
        ? HealthCheckResult.Healthy("The worker runs.")
        : HealthCheckResult.Unhealthy("The writer has ended; restart the worker.");

    HealthCheckResult CheckDirectory() => readiness.Trouble is { } trouble
        ? HealthCheckResult.Unhealthy(trouble.Sentence,
            data: new Dictionary<string, object> { [PathData] = trouble.Path, [SinceData] = trouble.Since })
        : HealthCheckResult.Healthy($"Batches are written to {readiness.Path}.",
            new Dictionary<string, object> { [PathData] = readiness.Path });

    static void Map(IEndpointRouteBuilder endpoints, string path, Func<HealthCheckRegistration, bool> checks) =>
        endpoints.MapHealthChecks(path, new HealthCheckOptions { Predicate = checks, ResponseWriter = AnswerAsync })
            .WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]));

    /// <summary>One sentence: of the first check that fails, else of the last, which has the directory.</summary>
    static Task AnswerAsync(HttpContext context, HealthReport report)
    {
        var checks = report.Entries.Values.ToList();
        var telling = checks.Find(check => check.Status != HealthStatus.Healthy) is { Description: not null } failed
            ? failed : checks[^1];
        var (path, since) = (telling.Data.GetValueOrDefault(PathData), telling.Data.GetValueOrDefault(SinceData));
        var answer =
            new JsonObject { ["ok"] = report.Status == HealthStatus.Healthy, ["message"] = telling.Description };
        if (path is string directory) answer["path"] = directory;
        if (since is DateTimeOffset begun) answer["since"] = begun;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }
}
