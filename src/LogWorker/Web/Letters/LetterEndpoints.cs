using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Observability;
using LogPipeline.Workflows.Connecting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Temporalio.Client;

namespace LogPipeline.Worker.Web.Letters;

/// <summary>
/// <c>/api/dead-letters</c>: shows letters, sends them again and removes them, as the verb <c>dead-letters</c> does.
/// </summary>
sealed class LetterEndpoints(DeadLetterBox box, LetterRetry retry, TemporalLink temporal, TemporalClientConnectOptions connection,
    ChangeGuard changes, ILogger<LetterEndpoints> logger) : IWebEndpoints
{
    readonly LetterList _list = new(box);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/dead-letters", (HttpRequest request) => Answer(() => List(request.Query)));
        routes.MapGet("/api/dead-letters/{id}", (string id) => Answer(() => Show(id)));
        routes.MapPost("/api/dead-letters/{id}/retry", RetryAsync).AddEndpointFilter(changes);
        routes.MapDelete("/api/dead-letters/{id}", (string id) => Answer(() => Purge(id))).AddEndpointFilter(changes);
    }

    IResult List(IQueryCollection given)
    {
        var (query, problem) = LetterQuery.Read(given);
        return query is null
            ? Refuse(StatusCodes.Status400BadRequest, problem!)
            : Results.Json(_list.GetPage(query.Search, query.After, query.Limit), LettersJson.Default.LetterPage);
    }

    IResult Show(string id)
    {
        if (box.Find(id) is not { } listed) return Unknown();
        return Results.Json(LetterContent.Of(listed, box.Read(id)), LettersJson.Default.LetterContent);
    }

    IResult Purge(string id)
    {
        if (!box.Contains(id)) return Unknown();
        box.Remove(id);
        WorkerLog.LetterPurged(logger, id);
        return Results.Json(new PurgedLetter(id), LettersJson.Default.PurgedLetter);
    }

    async Task<IResult> RetryAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            if (!box.Contains(id)) return Unknown();
            if (temporal.Client is not { } client)
                return Refuse(StatusCodes.Status503ServiceUnavailable, $"It was not sent and stays: {temporal.State.Problem}");
            var batch = await retry.SendAsync(client, id, cancellationToken).ConfigureAwait(false);
            WorkerLog.LetterRetried(logger, id, batch.ToString());
            return Results.Json(new SentLetter(id, batch.ToString()), LettersJson.Default.SentLetter);
        }
        catch (Exception e) when (IsOfLetter(e))
        {
            return Refuse(e);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && ConnectProblem.Of(e, connection) is not null)
        {
            return Refuse(StatusCodes.Status503ServiceUnavailable,
                $"It was not sent and stays: {ConnectProblem.Of(e, connection)!.Sentence}");
        }
    }

    static IResult Answer(Func<IResult> answer)
    {
        try
        {
            return answer();
        }
        catch (Exception e) when (IsOfLetter(e))
        {
            return Refuse(e);
        }
    }

    static bool IsOfLetter(Exception e) => e is IOException or InvalidDataException or UnauthorizedAccessException;

    static IResult Refuse(Exception e) => e switch
    {
        // It was retried or purged meanwhile.
        FileNotFoundException => Unknown(),
        InvalidDataException => Refuse(StatusCodes.Status422UnprocessableEntity, e.Message),
        _ => Refuse(StatusCodes.Status503ServiceUnavailable, $"The dead letters cannot be reached now: {e.Message}"),
    };

    // What was given is not repeated: it may be anything.
    static IResult Unknown() => Refuse(StatusCodes.Status404NotFound, "There is no dead letter of this name.");

    static IResult Refuse(int status, string sentence) => Results.Text(sentence + "\n", statusCode: status);
}
