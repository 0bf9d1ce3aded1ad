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
/// For probes, which need no token: <c>GET /healthz/live</c> is healthy while the process should run on,
/// <c>GET /healthz/ready</c> whether batches can be written now, and if not, which path cannot since when. A full disk
/// makes the worker unready and not unhealthy: to restart it would not help. Whoever has no token is not told why.
/// </summary>
/// <param name="readiness">What is answered.</param>
/// <param name="isRunning">False: the writer has ended unexpectedly.</param>
/// <param name="access">Who is told why.</param>
sealed class ProbeEndpoints(Readiness readiness, Func<bool> isRunning, AccessToken access) : IWebEndpoints
{
    const string Writer = "writer";
    const string Directory = "directory";
    const string PathData = "path";
    const string SinceData = "since";

    public void AddServices(IServiceCollection services) =>
        services.AddHealthChecks().AddCheck(Writer, CheckWriter).AddCheck(Directory, CheckDirectory);

    public void Map(IEndpointRouteBuilder routes)
    {
        Map(routes, "/healthz/live", check => check.Name == Writer);
        Map(routes, "/healthz/ready", _ => true);
    }

    HealthCheckResult CheckWriter() => isRunning()
        ? HealthCheckResult.Healthy("The worker runs.")
        : HealthCheckResult.Unhealthy("The writer has ended; restart the worker.");

    HealthCheckResult CheckDirectory() => readiness.Trouble is { } trouble
        ? HealthCheckResult.Unhealthy(trouble.Sentence,
            data: new Dictionary<string, object> { [PathData] = trouble.Path, [SinceData] = trouble.Since })
        : HealthCheckResult.Healthy($"Batches are written to {readiness.Path}.",
            new Dictionary<string, object> { [PathData] = readiness.Path });

    void Map(IEndpointRouteBuilder routes, string path, Func<HealthCheckRegistration, bool> checks) =>
        routes.MapHealthChecks(path, new HealthCheckOptions { Predicate = checks, ResponseWriter = AnswerAsync })
            .AllowAnonymous().WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]));

    /// <summary>One sentence: of the first check that fails, else of the last, which has the directory.</summary>
    Task AnswerAsync(HttpContext context, HealthReport report)
    {
        var answer = new JsonObject { ["ok"] = report.Status == HealthStatus.Healthy };
        if (access.IsHeldBy(context.Request))
        {
            var checks = report.Entries.Values.ToList();
            var telling = checks.Find(check => check.Status != HealthStatus.Healthy) is { Description: not null } failed
                ? failed : checks[^1];
            answer["message"] = telling.Description;
            if (telling.Data.GetValueOrDefault(PathData) is string directory) answer["path"] = directory;
            if (telling.Data.GetValueOrDefault(SinceData) is DateTimeOffset begun) answer["since"] = begun;
        }
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }
}
