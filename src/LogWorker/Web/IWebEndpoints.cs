using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LogPipeline.Worker.Web;

/// <summary>A part of the worker's web application: some paths that belong together.</summary>
interface IWebEndpoints
{
    /// <summary>Adds what the paths need; by default nothing.</summary>
    void AddServices(IServiceCollection services) { }

    void Map(IEndpointRouteBuilder routes);
}
