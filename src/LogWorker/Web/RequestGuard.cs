using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace LogPipeline.Worker.Web;

/// <summary>
/// Decides who may ask what, before anything is done. Without a token only names of this machine are served, as a page
/// elsewhere could point its own name at it. Web pages of other origins may ask only what allows them (the codec). With
/// a token everything but probes and the page's own files needs it.
/// </summary>
/// <param name="access">The token.</param>
/// <param name="pages">The pages of other origins that may ask for what has this policy.</param>
sealed class RequestGuard(AccessToken access, CorsPolicy pages)
{
    // Nothing of the page stands in its HTML or comes from elsewhere.
    const string ContentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public void AddTo(IApplicationBuilder app)
    {
        app.Use((context, next) =>
        {
            SetHeaders(context.Response.Headers);
            return IsServedName(context.Request.Host.Host)
                ? next(context)
                : RefuseAsync(context, StatusCodes.Status400BadRequest, "This host name is not served.");
        });
        app.UseRouting();
        // The policy alone would hide the answer from the page, and still have done what it asked.
        app.Use((context, next) => IsServedPage(context)
            ? next(context)
            : RefuseAsync(context, StatusCodes.Status403Forbidden, "This origin may not ask; see LOG_CODEC_ORIGINS."));
        app.UseCors();
        app.Use((context, next) => IsLetIn(context)
            ? next(context)
            : RefuseAsync(context, StatusCodes.Status401Unauthorized, "Send 'Authorization: Bearer' with the token."));
    }

    public static Task RefuseAsync(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(sentence + "\n", context.RequestAborted);
    }

    static void SetHeaders(IHeaderDictionary headers)
    {
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    // Host filtering of ASP.NET compares names, and does not see that an address is this machine's.
    bool IsServedName(string name) => access.IsRequired || name is "localhost"
        || (IPAddress.TryParse(name.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    bool IsServedPage(HttpContext context)
    {
        if (context.Request.Headers.Origin.ToString() is not { Length: > 0 } origin) return true;
        return origin == $"{context.Request.Scheme}://{context.Request.Host}"
            || (context.GetEndpoint()?.Metadata.GetMetadata<ICorsMetadata>() is not null && pages.IsOriginAllowed(origin));
    }

    bool IsLetIn(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null || access.IsHeldBy(context.Request);
}
