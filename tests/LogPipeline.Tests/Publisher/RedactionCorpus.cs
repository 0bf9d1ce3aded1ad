using System.Text.Json;
using LogPipeline.Publisher;

namespace LogPipeline.Tests.Publisher;

/// <summary>
/// 400 lines: forty kinds of secrets in five of ten wrappings each, and fifty things that look like one in four. All
/// secrets are made up, and put together here, so that no scanner of secrets takes this file for a leak.
/// </summary>
static class RedactionCorpus
{
    const string Fake = "fake0Fake1fake2Fake3fake4Fake5fake6Fake7";
    const string Gone = "[redacted]";

    public sealed record Line(string Kind, RedactionScope Scope, string Text, string Expected);

    static readonly Func<string, string>[] Wrappings =
    [
        text => text,
        text => $"2026-11-30T10:00:00Z INF shop {text} in 3 ms",
        text => $"value \"{text}\" was refused",
        text => $"({text})",
        text => $"[{text}], next",
        text => $"{{\"level\":\"info\",\"text\":{JsonSerializer.Serialize(text)},\"n\":[1,2]}}",
        text => $"before\n{text}\nafter",
        text => $"System.InvalidOperationException: {text}\n   at Shop.Cart.Load(String id)",
        text => $"first: {text} ; second: 2",
        text => $"<p>{text}</p>",
    ];

    public static IEnumerable<Line> Secrets() => Kinds().SelectMany((kind, i) => Enumerable.Range(0, 5).Select(turn =>
        Wrapped(kind, Wrappings[(i + 2 * turn) % Wrappings.Length])));

    public static IEnumerable<Line> Harmless() => LookAlikes.SelectMany((text, i) => Enumerable.Range(0, 4).Select(turn =>
        Wrapped(new Line(text, RedactionScope.Formats, text, text), Wrappings[(i + 3 * turn) % Wrappings.Length])));

    static Line Wrapped(Line kind, Func<string, string> wrap) =>
        kind with { Text = wrap(kind.Text), Expected = wrap(kind.Expected) };

    /// <param name="text">With a # where the secret stands.</param>
    static Line Kind(string name, string text, string secret, RedactionScope scope = RedactionScope.Formats) =>
        new(name, scope, text.Replace("#", secret), text.Replace("#", Gone));

    static Line Token(string begin, int length) => Kind(begin, "#", begin + Rest(length));

    static string Rest(int length) => string.Concat(Enumerable.Repeat(Fake, 3))[..length];

    static IEnumerable<Line> Kinds()
    {
        const string begin = "-----BEGIN", end = "-----END", label = "PRIVATE" + " KEY-----";
        var jwt = "ey" + "JhbGciOiJIUzI1NiJ9." + "ey" + "JzdWIiOiJmYWtlIn0." + Rest(20);
        var key40 = "FakeFake/0123456789+FakeFakeFakeFakeFAKE";
        return
        [
            Kind("JWT", "#", jwt),
            Kind("private key", $"{begin} {label}\n#\n{end} {label}", "RkFLRUZBS0VGQUtF"),
            Kind("RSA key on one line", $"{begin} RSA {label} # {end} RSA {label}", "RkFLRUZBS0VGQUtF"),
            Kind("AWS id", "#", "AK" + "IAFAKEFAKEFAKE2345"),
            new("AWS id and secret", RedactionScope.Formats, "id=AK" + $"IAFAKEFAKEFAKE2345 sk={key40}", $"id={Gone} sk={Gone}"),
            Kind("AWS variable", "AWS_SECRET_ACCESS_KEY=#", key40),
            Token("AI" + "za", 35), Token("ya" + "29.", 30), Token("GOC" + "SPX-", 28), Token("gh" + "p_", 36),
            Token("github" + "_pat_", 60), Token("gl" + "pat-", 20), Token("xo" + "xb-", 40), Token("sk" + "_live_", 24),
            Token("sk-" + "ant-", 60), Token("sk-" + "proj-", 60), Token("np" + "m_", 36), Token("py" + "pi-AgE", 60),
            Token("SG" + ".", 60), Token("hv" + "s.", 40), Token("do" + "p_v1_", 64), Token("sh" + "pat_", 32),
            Kind("bearer", "Authorization: Bearer #", Rest(24)),
            Kind("basic", "Authorization: Basic #", Convert.ToBase64String("ada:fake0"u8)),
            Kind("address", "postgres://app:#@db:5432/shop", Rest(10)),
            Kind("address with @", "amqp://app:#@mq/vhost", "f@ke:0"),
            Kind("address with a token", "https://#@git.example/shop.git", Rest(30)),
            Kind("ADO.NET", "Server=db;User Id=app;Password=#;Database=shop", Rest(10)),
            Kind("ODBC", "Driver=FreeTDS;Server=db;Pwd=#;Database=shop", "fake 0 fake"),
            Kind("Azure storage", "AccountName=shop;AccountKey=#;EndpointSuffix=core.example", Rest(20) + "=="),
            Kind("service bus", "Endpoint=sb://x.example/;SharedAccessKeyName=a;SharedAccessKey=#", Rest(20) + "="),
            Kind("Redis", "cache.example:6380,password=#,ssl=True", Rest(12)),
            Kind("query", "GET /cb?access_token=#&state=1 HTTP/1.1", Rest(12)),
            Kind("signature", "https://a.example/c?sv=2022&sig=#&se=2026", Rest(40) + "%3D"),
            new("JSON", RedactionScope.Formats, $$"""{"user":"ada","password":"{{Fake}}"}""", $$"""{"user":"ada","password":"{{Gone}}"}"""),
            new("JSON, nested", RedactionScope.Formats, $$"""{"api_keys":["{{Fake}}",{"old":"{{Fake}}"}],"ok":true}""",
                $$"""{"api_keys":["{{Gone}}",{"old":"{{Gone}}"}],"ok":true}"""),
            Kind("XML", "<user>ada</user><apiKey>#</apiKey>", Rest(10)),
            Kind("command line", "login --password=# --user=ada", Rest(10), RedactionScope.All),
            Kind("Ruby", ":user=>'ada', :password=>'#'", Rest(10), RedactionScope.All),
            Kind("header", "curl -H 'Cookie: #' url", $"sid={Rest(10)}; theme=dark", RedactionScope.All),
        ];
    }

    static readonly string[] LookAlikes =
    [
        "{\"ok\":true,\"hasPassword\":false}", "{\"max_tokens\":4096}", "prompt_tokens=153 completion_tokens=20",
        "at List<AccessToken> Shop.Store.Find(String id)", "token=Token{78af589 ActivityRecord{15b0f8d u0 .Main t761}}",
        "in /src/Auth/PasswordHasher.cs:line 42", "code=0 sig=9", "Password: must be at least 8 characters",
        "Bad activity token: android.os.BinderProxy@2bd79ce", "Priority: 20, Token: Token { kind: ContainerToken }",
        "spark://CoarseGrainedScheduler@10.10.34.11:48069", "akka.tcp://sparkDriver@10.10.34.11:48069/user/Heartbeat",
        "Failed password for invalid user admin from 10.0.0.1 port 22 ssh2", "Basic authentication failed", "Bearer token missing",
        "Bearer error=\"invalid_token\", error_description=\"expired\"", "AuthenticationScheme: Bearer was challenged.",
        "eyJafjallajokull.volcano-pictures.example", "eyJust a word", "AKIASHORT is too short",
        "npm_config_registry_of_the_company_in_2024", "pypi-some-package-with-a-name-of-more-than-forty-letters-2",
        "sk-proj-folder", "SG.1 rack", "-----BEGIN CERTIFICATE-----\nRkFLRQ==\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----", "0af7651916cd43dd8448eb211c80319c", "commit 356a192b7913b04c54574d18c28d46e6395428ab",
        "d9428888-122b-4111-8111-111111111111", "4111111111111111", "http://localhost:7233/api?page=2&size=10",
        "http://example.org/a@b", "mailto:ada@example.org", "git@github.com:shop/cart.git",
        "GET /list?page_token=abcdefgh12&tokens=100",
        "db://{User}:{Password}@{Host}", "Server=db;Database=shop;Trusted_Connection=True", "Content-Type: text/html; charset=utf-8",
        "Accept: a/b;q=0.9, c/d;q=0.8", "{\"token_type\":\"Bearer\",\"expires_in\":3600}",
        "{\"passwordLength\":12,\"password_policy\":\"strong\"}",
        "{\"secretName\":\"tls-shop\",\"tokenCount\":7}", "{\"cancellationToken\":\"none\",\"next_page_token\":\"abc\"}",
        "{\"usage\":{\"prompt_tokens\":153,\"total_tokens\":173}}", "{\"error\":\"Password: too short\"}",
        "<token/> <passwordRule>8</passwordRule>",
        "Order { Id: 1, Token: CancellationToken { IsCancellationRequested: False } }",
        "[Sun Dec 04 04:47:44 2005] [error] key=value",
        "C:\\temp\\tokens.txt:12", "SELECT password FROM users WHERE id = 1",
    ];
}
