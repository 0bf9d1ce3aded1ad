using LogPipeline.Worker.Observability;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LogPipeline.Worker.Web;

/// <summary><c>GET /api/history</c>: the last hour in steps of ten seconds.</summary>
sealed class HistoryEndpoint(Func<HistoryPoint[]> points) : IWebEndpoints
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/history", () =>
        Results.Json(new SavedHistory(StatsHistory.Step.TotalSeconds, points()), HistoryJson.Default.SavedHistory));
}
