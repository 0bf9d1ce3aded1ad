using LogPipeline.Publisher;
using LogPipeline.Publisher.AspNetCore;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds <c>MapLogPublisherStatus()</c> to applications that have called <c>AddLogPublisher()</c>.</summary>
public static class LogPublisherEndpointExtensions
{
    /// <summary>
    /// Answers <c>GET</c> with <see cref="TemporalSink.Stats"/> as JSON: names in camel case, states and reasons as in
    /// the tags of the metrics, times in ISO 8601, an age as [d.]hh:mm:ss. As with <c>MapHealthChecks</c> everybody may
    /// ask, unless the builder that is returned says otherwise (<c>RequireAuthorization</c>, <c>RequireHost</c>). It
    /// holds no event's content; <c>lastError</c> may name addresses and paths.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">Where.</param>
    /// <exception cref="InvalidOperationException"><c>AddLogPublisher</c> was not called.</exception>
    public static IEndpointConventionBuilder MapLogPublisherStatus(this IEndpointRouteBuilder endpoints,
        string pattern = "/log-publisher")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.ServiceProvider.GetService<IServiceProviderIsService>()?.IsService(typeof(TemporalSink)) == false)
            throw new InvalidOperationException("MapLogPublisherStatus needs the sink; call AddLogPublisher() on the "
                + "application's builder first.");
        return endpoints.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], AnswerAsync)
            .WithDisplayName("LogPublisher status");
    }

    static Task AnswerAsync(HttpContext context)
    {
        var sink = context.RequestServices.GetRequiredService<TemporalSink>();
        context.Response.Headers.CacheControl = "no-store, no-cache";
        return context.Response.WriteAsJsonAsync(new PublisherStatus(sink.Source, sink.Instance, sink.Stats),
            StatusJson.Default.PublisherStatus, cancellationToken: context.RequestAborted);
    }
}
