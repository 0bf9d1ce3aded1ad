using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Worker.Destinations.Loki;

/// <summary>How batches are pushed to Loki, with the variables that say so.</summary>
sealed record LokiOptions
{
    const string ApiPath = "/loki/api/v1";
    const string PushPath = ApiPath + "/push";

    /// <summary>LOG_LOKI_URL. Loki's address, or all of the push API's.</summary>
    public required Uri Url { get; init; }

    /// <summary>Where it is asked what it has.</summary>
    public Uri QueryUrl =>
        new UriBuilder(Url) { Path = Url.AbsolutePath[..^PushPath.Length] + ApiPath + "/query_range" }.Uri;

    /// <summary>Where it is asked whether it is ready.</summary>
    public Uri ReadyUrl => new UriBuilder(Url) { Path = Url.AbsolutePath[..^PushPath.Length] + "/ready" }.Uri;

    /// <summary>LOG_LOKI_TENANT. The header X-Scope-OrgID; null: none.</summary>
    public string? Tenant { get; init; }

    /// <summary>
    /// LOG_LOKI_USERNAME and LOG_LOKI_PASSWORD, or LOG_LOKI_TOKEN: the header Authorization; null: none.
    /// </summary>
    public string? Authorization { get; init; }

    /// <summary>LOG_LOKI_LABELS; those of the shipped Promtail configuration, so that queries are the same.</summary>
    public LokiLabels Labels { get; init; } = LokiLabels.Default;

    /// <summary>LOG_LOKI_TIMEOUT. Longest wait for one answer; 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// LOG_LOKI_LINE_BYTES_MAX. Longer lines are left to their file and counted; 256 KiB, Loki's own default.
    /// </summary>
    public int LineBytesMax { get; init; } = 256 * 1024;

    /// <summary>LOG_LOKI_CONCURRENCY. Batches pushed at a time; 8.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>
    /// LOG_LOKI_GIVE_UP_AFTER. How long a batch is tried, from its file's receipt on; 7 days, the age that Loki takes
    /// unless told otherwise.
    /// </summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Bytes of lines in one push; Promtail's and Alloy's default too.</summary>
    public int PushBytesMax { get; init; } = 1024 * 1024;

    /// <returns>Null: there is no LOG_LOKI_URL.</returns>
    public static LokiOptions? Read(EnvironmentReader environment)
    {
        if (environment.ReadText("LOG_LOKI_URL") is not { } text) return null;
        var defaults = new LokiOptions { Url = UrlOf(environment, text) };
        return defaults with
        {
            Tenant = Header(environment, "LOG_LOKI_TENANT"),
            Authorization = ReadAuthorization(environment),
            Labels = LokiLabels.Read(environment, "LOG_LOKI_LABELS"),
            Timeout = environment.ReadDuration("LOG_LOKI_TIMEOUT", defaults.Timeout, TimeSpan.FromMilliseconds(100),
                TimeSpan.FromMinutes(1)),
            LineBytesMax = (int)environment.ReadBytes("LOG_LOKI_LINE_BYTES_MAX", defaults.LineBytesMax, 1024, 8 << 20),
            Concurrency = environment.ReadCount("LOG_LOKI_CONCURRENCY", defaults.Concurrency, 1, 1_000),
            GiveUpAfter = environment.ReadDuration("LOG_LOKI_GIVE_UP_AFTER", defaults.GiveUpAfter,
                TimeSpan.FromMinutes(1), TimeSpan.FromDays(365)),
        };
    }

    static Uri UrlOf(EnvironmentReader environment, string text)
    {
        const string advice = "use http:// or https:// and Loki's address, such as http://localhost:3100";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            environment.Refuse("LOG_LOKI_URL", text, advice);
            return new Uri("http://localhost");
        }
        // What stands in an address is shown; and not shown here again.
        if (url.UserInfo.Length > 0)
            environment.Refuse("LOG_LOKI_URL holds a login; give it as LOG_LOKI_USERNAME and LOG_LOKI_PASSWORD.");
        if (url.Query.Length > 0 || url.Fragment.Length > 0) environment.Refuse("LOG_LOKI_URL", text, advice);
        var path = url.AbsolutePath.TrimEnd('/');
        return new UriBuilder(url) { Path = path.EndsWith(PushPath, StringComparison.Ordinal) ? path : path
            + PushPath }.Uri;
    }

    static string? ReadAuthorization(EnvironmentReader environment)
    {
        var (user, password) = (environment.ReadText("LOG_LOKI_USERNAME"), environment.ReadText("LOG_LOKI_PASSWORD"));
        var token = Header(environment, "LOG_LOKI_TOKEN");
        if (user is null != password is null)
            environment.Refuse("LOG_LOKI_USERNAME and LOG_LOKI_PASSWORD belong together; set both or neither.");
        if (user is not null && token is not null)
            environment.Refuse("LOG_LOKI_TOKEN is set beside LOG_LOKI_USERNAME; use one of the two.");
        if (user?.Contains(':') == true) environment.Refuse("LOG_LOKI_USERNAME holds a ':', which no basic login can.");
        if (token is not null) return "Bearer " + token;
        return user is null ? null : "Basic "
            + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{user}:{password}"));
    }

    // Never shown, as it may be a secret.
    static string? Header(EnvironmentReader environment, string variable)
    {
        if (environment.ReadText(variable) is not { } text) return null;
        if (text.All(c => c is > ' ' and < '\x7f')) return text;
        environment.Refuse($"{variable} holds blanks or characters that no header may have; use plain ASCII.");
        return null;
    }
}
