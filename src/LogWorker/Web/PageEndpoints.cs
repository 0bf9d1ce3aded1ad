using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace LogPipeline.Worker.Web;

/// <summary>
/// The page at <c>/</c>: the files of the folder Page, which are in the program. They hold nothing of this worker's, so
/// that they need no token; what they show they ask for, with one. A browser keeps them and asks whether they changed.
/// </summary>
sealed class PageEndpoints : IWebEndpoints
{
    const string Prefix = "page/";
    const string Index = "index.html";

    public void Map(IEndpointRouteBuilder routes)
    {
        var program = typeof(PageEndpoints).Assembly;
        foreach (var resource in program.GetManifestResourceNames())
        {
            if (!resource.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            var path = resource[Prefix.Length..].Replace('\\', '/');
            using var content = program.GetManifestResourceStream(resource)!;
            var bytes = new byte[content.Length];
            content.ReadExactly(bytes);
            var type = TypeOf(path);
            var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))}\"");
            routes.MapMethods(path == Index ? "/" : $"/{path}", [HttpMethods.Get, HttpMethods.Head], (HttpResponse response) =>
            {
                response.Headers.CacheControl = "no-cache";
                return Results.Bytes(bytes, type, entityTag: tag);
            }).AllowAnonymous();
        }
    }

    static string TypeOf(string path) => Path.GetExtension(path) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };
}
