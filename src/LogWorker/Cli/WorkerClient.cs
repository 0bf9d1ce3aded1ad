using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization.Metadata;
using LogPipeline.Worker.Hosting;
using LogPipeline.Worker.Web;

namespace LogPipeline.Worker.Cli;

/// <summary>Asks a running worker's web application: the one of these settings, or the one that <c>--url</c> names.</summary>
sealed class WorkerClient : IDisposable
{
    static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);

    public static readonly Option<string?> Url = new("--url")
    {
        Description = "The worker's web application; by LOG_HTTP_PORT and LOG_HTTP_IP, else http://127.0.0.1:8234.",
        HelpName = "URL",
    };

    readonly HttpClient _http;

    WorkerClient(Uri address, WebOptions options)
    {
        _http = new HttpClient(HandlerFor(options)) { BaseAddress = address, Timeout = AnswerMax };
        if (options.Token is { } token) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public Uri Address => _http.BaseAddress!;

    /// <returns>A client, or what is wrong with the settings.</returns>
    static (WorkerClient? Client, string? Problem) Create(ParseResult parsed)
    {
        var options = VerbSettings.Of(parsed).Read(LogWorkerOptions.Read).Options.Web;
        if (parsed.GetValue(Url) is { } given)
            return Uri.TryCreate(given, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
                ? (new WorkerClient(url, options), null) : (null, "--url is no address; use one such as http://127.0.0.1:8234.");
        if (!options.IsServed) return (null, "LOG_HTTP_PORT is off, so that this worker cannot be asked; name another with --url.");
        if (options.Port == 0)
            return (null, "LOG_HTTP_PORT is 0, any port; name the one that the worker told at its start with --url.");
        return (Of(options), null);
    }

    /// <summary>A client of the worker that these options are told to; its port is one that can be named.</summary>
    public static WorkerClient Of(WebOptions options) => new(AddressOf(options), options);

    /// <summary>Runs a verb with a client, or ends with 2 and a sentence.</summary>
    public static async Task<int> UseAsync(ParseResult parsed, Func<ParseResult, WorkerClient, CancellationToken, Task<int>> verb,
        CancellationToken cancellationToken)
    {
        var (client, problem) = Create(parsed);
        if (client is null)
        {
            parsed.InvocationConfiguration.Error.WriteLine(problem);
            return ExitCode.Usage;
        }
        using (client) return await verb(parsed, client, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>The answer's status and text, or why there is none.</returns>
    public async Task<(HttpStatusCode? Status, string Text)> GetAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync(path, cancellationToken).ConfigureAwait(false);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (e is HttpRequestException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var reason = e is HttpRequestException ? e.Message.TrimEnd('.') : $"no answer within {AnswerMax.TotalSeconds:0} s";
            return (null, $"No worker answers at {Address}: {reason}. Start it, or name its address with --url.");
        }
    }

    /// <returns>The worker's figures and the JSON that they are of, or null and why there are none.</returns>
    public Task<(StatsAnswer? Stats, string Text)> GetStatsAsync(CancellationToken cancellationToken) =>
        GetAsync("/api/stats", StatsJson.Default.StatsAnswer, cancellationToken);

    /// <returns>The answer and the JSON that it is of, or null and why there is none.</returns>
    public async Task<(T? Answer, string Text)> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var (status, text) = await GetAsync(path, cancellationToken).ConfigureAwait(false);
        if (status is null) return (null, text);
        return TryRead(status, text, type) is { } answer ? (answer, text) : (null, $"{Address} answered {(int)status}: {text.Trim()}");
    }

    /// <returns>Null: the text is no such answer, as when another program listens there.</returns>
    public static T? TryRead<T>(HttpStatusCode? status, string text, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return status == HttpStatusCode.OK ? JsonSerializer.Deserialize(text, type) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();

    // What listens on all addresses is asked on this machine's own.
    static Uri AddressOf(WebOptions options)
    {
        var ip = IPAddress.Parse(options.Ip);
        if (ip.Equals(IPAddress.Any)) ip = IPAddress.Loopback;
        if (ip.Equals(IPAddress.IPv6Any)) ip = IPAddress.IPv6Loopback;
        return new Uri($"{(options.Tls is null ? "http" : "https")}://{new IPEndPoint(ip, options.Port ?? WebOptions.DefaultPort)}");
    }

    // The certificate is made for the name by which others ask: it is compared with the file, and not with the address.
    static SocketsHttpHandler HandlerFor(WebOptions options)
    {
        var handler = new SocketsHttpHandler();
        if (options.Tls is not { } tls) return handler;
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(tls.Certificate);
        handler.SslOptions.TargetHost = chain[0].GetNameInfo(X509NameType.DnsName, forIssuer: false);
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
            VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(chain);
        return handler;
    }
}
