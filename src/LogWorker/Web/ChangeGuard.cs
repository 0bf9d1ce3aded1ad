using Microsoft.AspNetCore.Http;

namespace LogPipeline.Worker.Web;

/// <summary>
/// Stands before what changes something. A page elsewhere can send a form here, but no JSON and no header of its own without
/// asking first, which <see cref="RequestGuard"/> answers.
/// </summary>
/// <param name="isReadOnly">LOG_HTTP_READ_ONLY: nothing may be changed.</param>
sealed class ChangeGuard(bool isReadOnly) : IEndpointFilter
{
    const string Header = "X-Requested-With";
    const string Caller = "logworker";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (isReadOnly)
            return new(Refuse("This worker changes nothing for callers, as LOG_HTTP_READ_ONLY is set."));
        return request.HasJsonContentType() || request.Headers[Header] == Caller
            ? next(context)
            : new(Refuse($"Send the header '{Header}: {Caller}', or the content type application/json."));
    }

    static IResult Refuse(string sentence) => Results.Text(sentence + "\n", statusCode: StatusCodes.Status403Forbidden);
}
