using System.IO.Compression;
using System.Net;
using System.Text.Json;

namespace LogPipeline.Tests.Destinations;

/// <summary>
/// Answers pushes as a test says, and keeps what it was told. Stricter than Loki: a body that is not as it should be fails the test.
/// </summary>
sealed class FakeLoki : HttpMessageHandler
{
    /// <summary>By the push's lines; null: 204.</summary>
    public Func<IReadOnlyList<PushedLine>, HttpResponseMessage?>? Answer { get; set; }

    /// <summary>To a push of no stream; null: Loki's own.</summary>
    public Func<HttpResponseMessage>? AnswerToNothing { get; set; }

    /// <summary>Answers questions with what was taken; else that nobody may ask.</summary>
    public bool MayBeAsked { get; init; } = true;

    /// <summary>Of more lines the answer would be too large.</summary>
    public int AnsweredLinesMax { get; set; } = int.MaxValue;

    public List<IReadOnlyList<PushedLine>> Pushes { get; } = [];
    public List<HttpRequestMessage> Requests { get; } = [];
    public List<HttpRequestMessage> Questions { get; } = [];

    /// <summary>Lines that were taken, those that are there twice twice.</summary>
    public List<PushedLine> Taken { get; } = [];

    /// <summary>Of a push that was not refused as a whole, which lines are taken; null: all of a 204, none of another answer.</summary>
    public Func<PushedLine, bool>? Takes { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method == HttpMethod.Get) return Read(request);
        Requests.Add(request);
        request.Content!.Headers.ContentEncoding.ShouldBe(["gzip"]);
        request.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        using var gzip = new GZipStream(await request.Content.ReadAsStreamAsync(cancellationToken), CompressionMode.Decompress);
        using var json = await JsonDocument.ParseAsync(gzip, cancellationToken: cancellationToken);
        if (json.RootElement.GetProperty("streams").GetArrayLength() == 0) return AnswerToNothing?.Invoke()
            ?? Answered(HttpStatusCode.UnprocessableEntity, "error at least one valid stream is required for ingestion");
        json.RootElement.GetProperty("streams").GetArrayLength().ShouldBe(1, "Loki tells of the last stream alone");
        List<PushedLine> lines = [.. json.RootElement.GetProperty("streams").EnumerateArray()
            .SelectMany(stream => stream.GetProperty("values").EnumerateArray().Select(value => new PushedLine(
            string.Join(',', stream.GetProperty("stream").EnumerateObject().Select(label => $"{label.Name}={label.Value.GetString()}")),
            value[0].GetString()!, value[1].GetString()!, value.GetArrayLength() > 2 ? value[2].GetRawText() : null)))];
        lines.ShouldNotBeEmpty();
        Pushes.Add(lines);
        var answer = Answer?.Invoke(lines);
        Taken.AddRange(lines.Where(line => Takes?.Invoke(line) ?? answer is null));
        return answer ?? new HttpResponseMessage(HttpStatusCode.NoContent);
    }

    HttpResponseMessage Read(HttpRequestMessage request)
    {
        Questions.Add(request);
        if (!MayBeAsked) return new HttpResponseMessage(HttpStatusCode.Forbidden);
        request.RequestUri!.AbsolutePath.ShouldEndWith("/loki/api/v1/query_range");
        var query = System.Web.HttpUtility.ParseQueryString(request.RequestUri.Query);
        var labels = query["query"]!.Trim('{', '}').Replace("\"", "", StringComparison.Ordinal);
        var (from, to) = (decimal.Parse(query["start"]!, System.Globalization.CultureInfo.InvariantCulture),
            decimal.Parse(query["end"]!, System.Globalization.CultureInfo.InvariantCulture));
        var values = Taken.Where(line => line.Labels == labels && line.At >= from && line.At < to).OrderBy(line => line.At)
            .Take(int.Parse(query["limit"]!, System.Globalization.CultureInfo.InvariantCulture))
            .Select(line => new[] { line.Nanoseconds, line.Line }).ToList();
        if (values.Count > AnsweredLinesMax) return Answered(HttpStatusCode.InternalServerError,
            "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (9208772 vs. 4194304)");
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(
            JsonSerializer.Serialize(new { data = new { result = new[] { new { values } } } })) };
    }

    public static HttpResponseMessage BadRequest(string body) => Answered(HttpStatusCode.BadRequest, body);

    public static HttpResponseMessage Answered(HttpStatusCode status, string body) =>
        new(status) { Content = new StringContent(body) };
}

sealed record PushedLine(string Labels, string Nanoseconds, string Line, string? Metadata)
{
    public decimal At => decimal.Parse(Nanoseconds, System.Globalization.CultureInfo.InvariantCulture);
}
