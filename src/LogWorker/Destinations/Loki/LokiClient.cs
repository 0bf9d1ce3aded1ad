using System.Net;
using System.Net.Http.Headers;

namespace LogPipeline.Worker.Destinations.Loki;

/// <summary>Loki's HTTP API: pushes lines, and asks which of them it has.</summary>
sealed class LokiClient : IDisposable
{
    const int AnswerLengthMax = 64 * 1024;
    const int ShownLengthMax = 300;

    const int PageLines = 1_000;

    /// <summary>
    /// Most bytes of a page, taken that other lines are as long as those that are asked for. Loki's parts send each
    /// other 4 MiB at once by default, and answer nothing that is larger.
    /// </summary>
    const int PageBytes = 2 * 1024 * 1024;

    /// <summary>How much smaller the next page is after one that was too large.</summary>
    const int PageDivisor = 4;

    /// <summary>
    /// Most pages; lines of other batches may be among them. A line behind so many is taken as missing.
    /// </summary>
    const int PagesMax = 60;

    /// <summary>A range ends in front of its end.</summary>
    const long EndsBefore = 1;

    /// <summary>Nanoseconds of one question; Loki answers none of more than 30 days by default.</summary>
    const long SpanMax = 24L * 3600 * 1_000_000_000;

    /// <summary>Loki's answer to a push without a stream.</summary>
    const string NoStream = "at least one valid stream";

    static readonly TimeSpan RetryAfterMax = TimeSpan.FromMinutes(5);

    readonly LokiOptions _options;
    readonly HttpClient _http;

    /// <param name="options">Where and how.</param>
    /// <param name="handler">Null: the network.</param>
    public LokiClient(LokiOptions options, HttpMessageHandler? handler = null)
    {
        _options = options;
        _http = new HttpClient(handler ?? new SocketsHttpHandler
        {
            // A redirect would take the login elsewhere.
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = options.Timeout,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <exception cref="DestinationUnavailableException">Nothing is known of the lines; try again.</exception>
    public async Task<LokiAnswer> PushAsync(LokiStream stream, CancellationToken cancellationToken)
    {
        using var request = PushOf(stream.ToPushBody());
        var (answer, unavailable) = await SendAsync(request, async (response, token) =>
        {
            var body = await BodyAsync(response, token).ConfigureAwait(false);
            return (LokiAnswer.Read(response.StatusCode, body),
                new DestinationUnavailableException(Sentence(response.StatusCode, body), RetryAfter(response))
                {
                    TakesOthers = LokiAnswer.IsOfOneStream(body),
                });
        }, cancellationToken).ConfigureAwait(false);
        if (answer is null) throw unavailable;
        // Somebody else's 400 is about the lines only if the same push without lines has another answer.
        if (!answer.IsLokis && !await TakesPushesAsync(cancellationToken).ConfigureAwait(false)) throw unavailable;
        return answer;
    }

    /// <summary>The lines of a stream that Loki does not have; all of them where this login may not ask.</summary>
    /// <exception cref="DestinationUnavailableException">There is no answer now; try again.</exception>
    public async Task<LokiStream> MissingAsync(LokiStream stream, CancellationToken cancellationToken)
    {
        var present = new HashSet<(long, string)>();
        var selector =
            "{" + string.Join(',', stream.Labels.Select(label => $"{label.Name}=\"{Escape(label.Value)}\"")) + "}";
        var (pages, limit) = (0, PageLinesOf(stream));
        foreach (var (first, last) in Spans(stream.Entries))
        {
            for (var from = first; pages < PagesMax; pages++)
            {
                var page = await ReadPageAsync(selector, from, last + EndsBefore, limit, cancellationToken)
                    .ConfigureAwait(false);
                if (page.IsTooLarge && limit > 1)
                {
                    limit = Math.Max(1, limit / PageDivisor);
                    continue;
                }
                if (page.Lines is not { } lines) return stream;
                foreach (var line in lines) present.Add(line);
                // A page that one instant fills cannot be turned.
                if (lines.Count < limit || lines[^1].Nanoseconds == from) break;
                from = lines[^1].Nanoseconds;
            }
        }
        if (present.Count == 0) return stream;
        return stream with { Entries = [.. stream.Entries.Where(entry =>
            !present.Contains((entry.Nanoseconds, Encoding.UTF8.GetString(entry.Line.Span))))] };
    }

    static int PageLinesOf(LokiStream stream) =>
        Math.Clamp(PageBytes / Math.Max(1, stream.Entries.Max(entry => entry.Line.Length)), 1, PageLines);

    /// <summary>The times to ask for, oldest first: one line with a wrong clock must not stretch a question over
    /// years, which Loki does not answer.</summary>
    static IEnumerable<(long First, long Last)> Spans(IReadOnlyList<LokiEntry> entries)
    {
        var (first, last) = (entries[0].Nanoseconds, entries[0].Nanoseconds);
        foreach (var entry in entries)
        {
            if (entry.Nanoseconds - first > SpanMax)
            {
                yield return (first, last);
                first = entry.Nanoseconds;
            }
            last = entry.Nanoseconds;
        }
        yield return (first, last);
    }

    /// <summary>Whether what answers here is a Loki that this login may push to.</summary>
    async Task<bool> TakesPushesAsync(CancellationToken cancellationToken)
    {
        using var request = PushOf(LokiStream.EmptyPushBody());
        return await SendAsync(request, async (response, token) => response.IsSuccessStatusCode
            || (await BodyAsync(response, token).ConfigureAwait(false)).Contains(NoStream, StringComparison.Ordinal),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks without sending a line: whether it is ready, and whether it would take a push of this login.</summary>
    /// <returns>What is wrong, in a sentence, if anything is; and the time that it tells, to the second.</returns>
    /// <exception cref="DestinationUnavailableException">It does not answer.</exception>
    public async Task<(string? Problem, DateTimeOffset? Date)> ProbeAsync(CancellationToken cancellationToken)
    {
        using var ready = new HttpRequestMessage(HttpMethod.Get, _options.ReadyUrl);
        var (problem, date) = await SendAsync(ready, async (response, token) =>
            // What stands in front of a Loki need not pass this question on.
            (response.StatusCode == HttpStatusCode.ServiceUnavailable
                ? Sentence(response.StatusCode, await BodyAsync(response, token).ConfigureAwait(false)) : null, response.Headers.Date),
            cancellationToken).ConfigureAwait(false);
        if (problem is not null) return (problem, date);
        using var push = PushOf(LokiStream.EmptyPushBody());
        return await SendAsync(push, async (response, token) =>
        {
            var body = await BodyAsync(response, token).ConfigureAwait(false);
            return (response.IsSuccessStatusCode || body.Contains(NoStream, StringComparison.Ordinal)
                ? null : Sentence(response.StatusCode, body), response.Headers.Date ?? date);
        }, cancellationToken).ConfigureAwait(false);
    }

    HttpRequestMessage PushOf(byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _options.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Content.Headers.ContentEncoding.Add("gzip");
        return request;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>
    /// A page of a stream from a time on, oldest first; no lines: this login may not ask, or Loki does not answer
    /// questions here.
    /// </summary>
    async Task<Page> ReadPageAsync(string selector, long from, long to, int limit, CancellationToken cancellationToken)
    {
        var query =
            $"?query={Uri.EscapeDataString(selector)}&start={from}&end={to}&limit={limit}&direction=forward";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_options.QueryUrl, query));
        return await SendAsync(request, async (response, token) =>
        {
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                or HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.BadRequest)
                return new Page(null);
            if (!response.IsSuccessStatusCode)
            {
                var body = await BodyAsync(response, token).ConfigureAwait(false);
                if (LokiAnswer.IsTooLarge(response.StatusCode, body)) return new Page(null, IsTooLarge: true);
                throw new DestinationUnavailableException(Sentence(response.StatusCode, body), RetryAfter(response));
            }
            using var json = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(token)
                .ConfigureAwait(false), cancellationToken: token).ConfigureAwait(false);
            var values = json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray()
                .SelectMany(stream => stream.GetProperty("values").EnumerateArray());
            return new Page([.. values.Select(value =>
                (long.Parse(value[0].GetString()!, CultureInfo.InvariantCulture), value[1].GetString()!))
                    .OrderBy(value => value.Item1)]);
        }, cancellationToken).ConfigureAwait(false);
    }

    async Task<T> SendAsync<T>(HttpRequestMessage request, Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken)
    {
        if (_options.Tenant is { } tenant) request.Headers.TryAddWithoutValidation("X-Scope-OrgID", tenant);
        if (_options.Authorization is { } authorization)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_options.Timeout);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead,
                deadline.Token).ConfigureAwait(false);
            return await read(response, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            throw new DestinationUnavailableException($"What answers at {_options.Url} does not answer as Loki does: "
                + $"{e.Message} Look at LOG_LOKI_URL.", inner: e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new DestinationUnavailableException(
                $"Loki at {_options.Url} cannot be reached: {e.Message}", inner: e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DestinationUnavailableException($"Loki at {_options.Url} did not answer within "
                + $"{_options.Timeout.TotalSeconds:0.#} s (LOG_LOKI_TIMEOUT).", inner: e);
        }
    }

    // An answer to a push is a sentence; the rest of a longer one is of no use.
    static async Task<string> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken)
            .ConfigureAwait(false));
        var text = new char[AnswerLengthMax];
        return new string(text, 0, await reader.ReadBlockAsync(text, cancellationToken).ConfigureAwait(false));
    }

    string Sentence(HttpStatusCode status, string body)
    {
        var advice = status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => " Look at LOG_LOKI_TENANT and the login.",
            HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed => " Look at LOG_LOKI_URL.",
            _ => "",
        };
        var shown = string.Concat(body.Trim().Take(ShownLengthMax).Select(c => char.IsControl(c) ? ' ' : c));
        return $"Loki at {_options.Url} answered {(int)status}: {shown}{advice}";
    }

    static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        if (response.Headers.RetryAfter?.Delta is not { } delta || delta <= TimeSpan.Zero) return null;
        return delta < RetryAfterMax ? delta : RetryAfterMax;
    }

    static string Escape(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var c in value)
        {
            if (c is '"' or '\\') text.Append('\\').Append(c);
            else if (char.IsControl(c)) text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else text.Append(c);
        }
        return text.ToString();
    }

    readonly record struct Page(IReadOnlyList<(long Nanoseconds, string Line)>? Lines, bool IsTooLarge = false);
}
