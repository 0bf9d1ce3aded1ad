using System.Diagnostics;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Redaction;
using Serilog.Events;

namespace LogPipeline.Tests.Publisher;

/// <summary>No secret that is known as one stands in a record, wherever in the event it was; and what is none stays.</summary>
public sealed class RedactionTests
{
    const string Core = "q7ZxK2mVb9";

    // Each with the part that must not be seen.
    public static TheoryData<string, string> Secrets()
    {
        var long40 = "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + Core;
        var base88 = string.Concat(Enumerable.Repeat(Core, 8)) + "abcd==";
        var jwt = $"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{Core}abc_-x";
        var pem = $"-----BEGIN RSA PRIVATE KEY-----\nMIIE{Core}\n{Core}\n-----END RSA PRIVATE KEY-----";
        return new TheoryData<string, string>
        {
            { jwt, Core },
            { $"Bearer {Core}{Core}", Core },
            { $"Authorization: Bearer {Core}", Core },
            { $"authorization: AWS4-HMAC-SHA256 Credential=x/20260101, Signature={Core}", Core },
            { $"curl -H 'X-Api-Key: {Core}' http://x", Core },
            { $"Cookie: sid={Core}; other=1", Core },
            { $"Cookie: theme=dark; sid={Core}", Core },
            { $"Set-Cookie: sid={Core}; Path=/; HttpOnly", Core },
            { $"{{\"headers\":{{\"Cookie\":\"theme=dark; sid={Core}\"}}}}", Core },
            { "Basic dXNlcjpxN1p4SzJtVmI5", "dXNlcjpx" },
            { pem, Core },
            { pem.Replace("\n", "\\n"), Core },
            { $"-----BEGIN OPENSSH PRIVATE KEY-----\n{Core}", Core },
            { $"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{Core}\n-----END ENCRYPTED PRIVATE KEY-----", Core },
            { "AKIAIOSFODNN7EXAMPLE", "IOSFODNN" },
            { "ASIAIOSFODNN7EXAMPLE", "IOSFODNN" },
            { $"id AKIAIOSFODNN7EXAMPLE and {long40}", Core },
            { $"aws_secret_access_key = {long40}", Core },
            { $"AWS_SECRET_ACCESS_KEY={long40}", Core },
            { $"{{\"type\":\"service_account\",\"private_key_id\":\"abc\",\"private_key\":\"-----BEGIN PRIVATE "
                + $"KEY-----\\n{Core}\\n-----END PRIVATE KEY-----\\n\"}}", Core },
            { $"AIza{Core}{Core}{Core}abcdefgh", Core },
            { $"ya29.{Core}{Core}{Core}", Core },
            { $"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={base88};EndpointSuffix=core.windows.net", Core },
            { $"Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=k;SharedAccessKey={base88}", Core },
            { $"https://a.blob.core.windows.net/c?sv=2022&sig={Core}%3D&se=2026", Core },
            { $"Server=db;User Id=sa;Password={Core};Database=x", Core },
            { $"Server=db;Pwd={Core} with spaces;Database=x", "with spaces" },
            { $"Server=db;Password=\"a;{Core}\";Database=x", Core },
            { $"Server=db;Password='a;{Core}';Database=x", Core },
            { $"postgres://user:{Core}@db:5432/x", Core },
            { $"amqp://user:{Core}@mq", Core },
            { $"https://{Core}{Core}@github.com/x.git", Core },
            { $"login --password={Core} --user=x", Core },
            { $"POST /token?client_secret={Core}&grant=x", Core },
            { $"GET /?access_token={Core} HTTP/1.1", Core },
            { $"{{\"password\": \"{Core}\", \"user\": \"x\"}}", Core },
            { $"{{\"apiKey\":\"a\\\"{Core}\"}}", Core },
            { $"{{\\\"password\\\":\\\"{Core}\\\"}}", Core },
            { $"{{'db_password': '{Core}'}}", Core },
            { $"password: {Core}", Core },
            { $"password : Cookie: sid={Core}; other", Core },
            { $"<s:Password>{Core}</s:Password>", Core },
            { $"ghp_{Core}{Core}{Core}{Core}", Core },
            { $"github_pat_{Core}{Core}{Core}", Core },
            { $"glpat-{Core}{Core}", Core },
            { $"xoxb-{Core}-{Core}-{Core}", Core },
            { $"sk_live_{Core}{Core}", Core },
            { $"sk-ant-api03-{Core}{Core}", Core },
            { $"npm_{Core}{Core}{Core}{Core}", Core },
            { "4111111111111111", "411111111111" },
            { "card 4111 1111 1111 1111 refused", "1111 1111" },
            { "card 5500-0000-0000-0004, 3 items", "5500-0000" },
            { "5 4111 1111 1111 1111", "1111 1111" },
            { "378282246310005", "3782822463" },
            { "6011111111111117", "601111111111" },
        };
    }

    public static TheoryData<string> Harmless() => new(
        "Order 17 of customer 4711 shipped", "2026-11-21T08:00:00.0000000Z", "638700000000000000", "1732176000000", "4111111111111112",
        "41111111111111111111111",
        "0af7651916cd43dd8448eb211c80319c", "d9428888-122b-4111-8111-111111111111", "token expired", "Bearer token missing",
        "Basic authentication failed",
        "a == b && c = d", "http://localhost:7233/api?page=2&size=10", "https://example.org/a@b", "key: value", "PasswordLength=12",
        "TokenType=Bearer;", "password=***",
        "token=null", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "AKIASHORT", "eyJust", "Secret santa",
        "C:\\temp\\tokens.txt:12", "SELECT * FROM t WHERE a = 'b'",
        "next_page_token_count: 5", "1.2.3.4:8080", "The monkey=banana", "a -> b", "<token/>", "+49 170 1234567",
        "blk_-4980916519894289629", "block 4980916519894289629 of 4", "balance -4111111111111111", "[-4111111111111111]",
        "spark://CoarseGrainedScheduler@10.10.34.11:48069");

    internal static readonly Redactor All = new(RedactionScope.All, [], null, null);
    internal static readonly Redactor Formats = new(RedactionScope.Formats, [], null, null);
    static readonly Redactor NamesOnly = new(RedactionScope.Names, [], null, null);

    static string Line(LogEvent logEvent, Redactor? redactor = null) =>
        Encoding.UTF8.GetString(Formatter(redactor).Format(logEvent).Complete(1));

    internal static RecordFormatter Formatter(Redactor? redactor = null) =>
        new(new CaptureContext(new TemporalSinkOptions { Source = "orders" }, redactor ?? All), "one");

    [Theory]
    [MemberData(nameof(Secrets))]
    public void ASecretIsNowhereInTheRecord(string text, string hidden)
    {
        var scalar = new ScalarValue(text);
        LogEventPropertyValue deep =
            new StructureValue([new("A", new DictionaryValue([new(new ScalarValue("k"), new SequenceValue([scalar]))]))]);
        var escaped = text.Replace("{", "{{").Replace("}", "}}");
        LogEvent[] events =
        [
            SomeEvent.Of("x", ("Value", text)),
            SomeEvent.Of("got {Value} and {Deep}", ("Value", text), ("Deep", deep)),
            SomeEvent.Of("got {Value:l}", ("Value", text)),
            SomeEvent.Of("x", ("Value", new DictionaryValue([new(scalar, new ScalarValue(1))]))),
            SomeEvent.Of("x", ("Value", new StringBuilder(text))),
            SomeEvent.Of(escaped),
            SomeEvent.Of(escaped + " {N}", ("N", 1)),
            SomeEvent.With(new InvalidOperationException(text)),
            SomeEvent.With(new InvalidOperationException("outer", new ArgumentException(text))),
        ];
        foreach (var logEvent in events)
        {
            var line = Line(logEvent);
            line.ShouldNotContain(hidden);
            line.ShouldContain("[redacted]");
            StrictJson.ReadLine(Encoding.UTF8.GetBytes(line));
        }
    }

    /// <summary>What is under a secret's name is a secret, whatever its own name is.</summary>
    [Theory]
    [InlineData("Cookie")]
    [InlineData("Set-Cookie")]
    [InlineData("Credentials")]
    [InlineData("X-Api-Key")]
    public void AllThatIsUnderASecretsNameIsHidden(string name)
    {
        var secret = new ScalarValue(Core);
        LogEventPropertyValue[] nested =
        [
            new DictionaryValue([new(new ScalarValue("sid"), secret), new(new ScalarValue("theme"), secret)]),
            new StructureValue([new("Sid", secret), new("Deeper", new StructureValue([new("Value", secret)]))]),
            new SequenceValue([secret, new SequenceValue([secret]), new DictionaryValue([new(new ScalarValue("sid"), secret)])]),
        ];
        foreach (var value in nested)
        {
            var inside = new StructureValue([new(name, value)]);
            foreach (var logEvent in (LogEvent[])[SomeEvent.Of("x", (name, value)),
                SomeEvent.Of($"got {{{name.Replace('-', '_')}}}", (name.Replace('-', '_'), value)),
                SomeEvent.Of("got {Request}", ("Request", inside))])
                Line(logEvent).ShouldNotContain(Core);
        }
    }

    [Theory]
    [MemberData(nameof(Harmless))]
    public void WhatIsNoSecretStays(string text) => All.Replacement("Value", text).ShouldBeNull();

    [SkippableFact]
    public void RealLogsStayAsTheyAre()
    {
        var directory = Path.Combine(LogPipeline.TestSupport.Repository.Shared, "data", "loghub");
        Skip.IfNot(Directory.Exists(directory), $"The real logs are not here: {directory} is missing.");
        foreach (var redactor in (Redactor[])[Formats, All])
        {
            var changed = Directory.GetFiles(directory, "*.log").SelectMany(File.ReadLines)
                .Select(line => (line, Now: redactor.Replacement("@m", line))).Where(read => read.Now is not null)
                .Select(read => $"{read.line} -> {read.Now}").ToList();
            changed.ShouldBeEmpty(string.Join("\n", changed.Take(20)));
        }
    }

    [Fact]
    public void OnlyTheSecretIsReplaced()
    {
        All.Replacement("v", "Server=db;Password=abc;Database=x").ShouldBe("Server=db;Password=[redacted];Database=x");
        All.Replacement("v", "postgres://user:abc@db/x").ShouldBe("postgres://user:[redacted]@db/x");
        All.Replacement("v", "pwd=a pwd=b").ShouldBe("pwd=[redacted] pwd=[redacted]");
        All.Replacement("v", "card 4111 1111 1111 1111!").ShouldBe("card [redacted]!");
        All.Replacement("v", """{"password":"a\"b","x":1}""").ShouldBe("""{"password":"[redacted]","x":1}""");
        All.Replacement("v", "password=[redacted] left").ShouldBeNull();
    }

    [Theory]
    [InlineData("Password")]
    [InlineData("userPassword")]
    [InlineData("DB_PASSWORD")]
    [InlineData("db.pwd")]
    [InlineData("Passwd2")]
    [InlineData("OldPasswordHash")]
    [InlineData("userpassword")]
    [InlineData("ApiKey")]
    [InlineData("APIKey")]
    [InlineData("api_key")]
    [InlineData("x-api-key")]
    [InlineData("AccessToken")]
    [InlineData("access_token")]
    [InlineData("accesstoken")]
    [InlineData("ClientSecret")]
    [InlineData("SecretId")]
    [InlineData("Authorization")]
    [InlineData("SetCookie")]
    [InlineData("PrivateKey")]
    [InlineData("ConnectionString")]
    [InlineData("AzureStorageAccountKey")]
    [InlineData("Credentials")]
    [InlineData("CVV2")]
    [InlineData("@Password")]
    public void NamesOfSecretsAreKnown(string name)
    {
        NamesOnly.OfName(name).ShouldNotBe(Secrecy.None);
        var line = Line(SomeEvent.Of("{" + name.TrimStart('@') + "} x", (name, Core),
            ("Other", new DictionaryValue([new(new ScalarValue(name), new SequenceValue([new ScalarValue(Core)]))])),
            ("S", new StructureValue([new(name, new StructureValue([new("Inner", new ScalarValue(Core))]))]))), NamesOnly);
        line.ShouldNotContain(Core);
    }

    [Theory]
    [InlineData("Passenger")]
    [InlineData("Passwordless")]
    [InlineData("PasswordLength")]
    [InlineData("TokenType")]
    [InlineData("TokenCount")]
    [InlineData("CancellationToken")]
    [InlineData("NextPageToken")]
    [InlineData("Secretary")]
    [InlineData("Monkey")]
    [InlineData("Key")]
    [InlineData("PrimaryKey")]
    [InlineData("Author")]
    [InlineData("Discard")]
    [InlineData("OrderId")]
    public void NamesOfOtherThingsAreNot(string name) => NamesOnly.OfName(name).ShouldBe(Secrecy.None);

    [Fact]
    public void ANumberIsASecretOnlyUnderANameOfOne()
    {
        var record = StrictJson.ReadLine(Formatter()
            .Format(SomeEvent.Of("{Cvv}", ("Cvv", 123), ("PromptTokens", 5), ("HasPassword", true), ("Password", null),
            ("Card", 4111111111111111), ("Id", 4111111111111112))).Complete(1));
        record["Cvv"].ShouldBe("[redacted]");
        record["@m"].ShouldBe("[redacted]");
        record["PromptTokens"].ShouldBe(new StrictJson.Number("5"));
        record["HasPassword"].ShouldBe(true);
        record["Password"].ShouldBeNull();
        record["Card"].ShouldBe("[redacted]");
        record["Id"].ShouldBe(new StrictJson.Number("4111111111111112"));
    }

    [Theory]
    [InlineData("password={V}")]
    [InlineData("Server=x;Pwd={V};")]
    [InlineData("postgres://u:{V}@host")]
    [InlineData("{{\"token\": \"{V}\"}}")]
    public void WhatATemplateCallsASecretIsOneInThePropertiesToo(string template) =>
        Line(SomeEvent.Of(template, ("V", Core))).ShouldNotContain(Core);

    [Fact]
    public void TheHookDecidesOverEveryTextByName()
    {
        var asked = new List<string>();
        var redactor = new Redactor(RedactionScope.Names, [], null, (name, text) =>
        {
            asked.Add(name);
            return name == "Email" ? null : text.Replace("Bob", "B.");
        });
        var line = Line(SomeEvent.Of("{Email} of {User}", ("Email", Core), ("User", "Bob")), redactor);
        line.ShouldNotContain(Core);
        line.ShouldNotContain("Bob");
        line.ShouldContain("[redacted]");
        asked.Distinct().ShouldBe(["@mt", "Email", "User", "@m"], ignoreOrder: true);
    }

    [Fact]
    public void TheHookSeesAnExceptionsTextAndWhatIsDeepInAValue()
    {
        var redactor = new Redactor(RedactionScope.Names, [], null, (name, text) =>
            name is "@x" or "Inner" ? null : text.Replace(Core, "-"));
        var list = new SequenceValue([new ScalarValue($"a {Core}")]);
        var deep = new StructureValue([new("Inner", new ScalarValue(Core)), new("List", list)]);
        var formatter = Formatter(redactor);
        StrictJson.ReadLine(formatter.Format(SomeEvent.With(new IOException($"no {Core}"))).Complete(1))["@x"].ShouldBe("[redacted]");
        var line = Line(SomeEvent.Of("{Deep}", ("Deep", deep)), redactor);
        line.ShouldNotContain(Core);
        line.ShouldContain("a -");
        formatter.Redacted.ShouldBe(1);
    }

    [Fact]
    public void AHookThatThrowsLetsNothingPass()
    {
        var formatter = Formatter(new Redactor(RedactionScope.Names, [], null, (_, _) => throw new TimeoutException()));
        var line = Encoding.UTF8.GetString(formatter.Format(SomeEvent.Of("{V} said", ("V", Core))).Complete(1));
        line.ShouldNotContain(Core);
        line.ShouldNotContain("said");
        line.ShouldContain("[redaction failed]");
        formatter.Redacted.ShouldBe(1);
    }

    [Fact]
    public void FurtherNamesAndAPatternAreTheUsers()
    {
        var redactor =
            new Redactor(RedactionScope.Names, ["Iban", "employee number"], new Regex("ACME-[0-9]+", RegexOptions.NonBacktracking), null);
        redactor.OfName("CustomerIban").ShouldBe(Secrecy.All);
        redactor.OfName("employee_number").ShouldBe(Secrecy.All);
        redactor.OfName("number").ShouldBe(Secrecy.None);
        redactor.Replacement("v", "see ACME-17.").ShouldBe("see [redacted].");
        redactor.Replacement("v", "password=abc").ShouldBeNull();
    }

    [Fact]
    public void APatternAndAHookBringNothingBackThatWasHiddenBeforeThem()
    {
        var redactor = new Redactor(RedactionScope.Formats, [], new Regex("ACME-[0-9]+", RegexOptions.NonBacktracking),
            (_, text) => text.Replace("Ada", "somebody", StringComparison.Ordinal));
        redactor.Replacement("v", $"Ada of ACME-17 sent Bearer {Core}{Core} twice")
            .ShouldBe("somebody of [redacted] sent Bearer [redacted] twice");
    }

    [Fact]
    public void OffIsOff()
    {
        var off = new Redactor(RedactionScope.Off, ["V"], new Regex("."), (_, _) => null);
        Line(SomeEvent.Of("{Password}", ("Password", Core)), off).ShouldContain(Core);
    }

    [Fact]
    public void EventsWithSecretsAreCounted()
    {
        var formatter = Formatter();
        formatter.Format(SomeEvent.Of("{Password}", ("Password", "x")));
        formatter.Format(SomeEvent.Of("{User}", ("User", "x")));
        formatter.Redacted.ShouldBe(1);
    }

    [Fact]
    public void ASecretAcrossThePlaceWhereATextIsCutIsNotShownInPart()
    {
        var limits = new TemporalSinkOptions { Limits = { StringLengthMax = 100 } };
        var formatter = new RecordFormatter(new CaptureContext(limits with { Source = "s" }, All), "i");
        var text = new string('x', 60) + " eyJhbGciOiJIUzI1NiJ9." + new string('Q', 60) + ".sig";
        Encoding.UTF8.GetString(formatter.Format(SomeEvent.Of("x", ("V", text))).Complete(1)).ShouldNotContain("eyJ");
    }
}
