using LogPipeline.Worker.Observability;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LogPipeline.Worker.Web;

/// <summary><c>GET /api/publishers</c>: where the events of each publisher are that this worker has heard of.</summary>
sealed class PublisherEndpoints(PublisherBooks books) : IWebEndpoints
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/publishers", () =>
        Results.Json(new PublishersAnswer([.. books.Read().Select(PublisherAnswer.Of)]), PublishersJson.Default.PublishersAnswer));
}
