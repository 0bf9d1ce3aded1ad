using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Redaction;

namespace LogPipeline.Tests.Publisher;

/// <summary>Whatever is hidden, the text around it stays what it was.</summary>
public sealed partial class RedactionDamageTests
{
    const string Marker = "[redacted]";

    static readonly Redactor[] Both =
        [new(RedactionScope.Formats, [], null, null), new(RedactionScope.All, [], null, null)];

    static readonly Gen<string> Names = Gen.Elements("password", "access_tokens", "apiKey", "user", "n", "hasPassword", "token", "a\"b",
        "x:y=z", "Cookie", "pin");

    static readonly Gen<string> Pieces = Gen.Elements("hunter2", "\"", "'", "\\", "{", "}", "[", "]", "(", ")", "<", ">", ":", "=",
        "=>", ";", ",",
        " ", "\n", "\r\n", "password", "Password=", "token: ", "Server=db;", "Cookie: ", "{\"password\":", "\"pwd\":\"",
        "</pwd>", "<pwd>", "&sig=",
        "?access_token=", "postgres://u:p@h", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "AKIAFAKEFAKEFAKE2345",
        "Bearer abcdefgh12345678", "4111111111111111", "[redacted]", "\\n", "\\\"", "@", "@h", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIi", "x1");

    static readonly Gen<string> Texts = Pieces.ListOf(12).Select(string.Concat);

    static Gen<JsonNode?> Values(int depth)
    {
        var leaf = Gen.OneOf(Texts.Select(text => (JsonNode?)JsonValue.Create(text)),
            Gen.Elements(0, 1234, -5).Select(number => (JsonNode?)JsonValue.Create(number)),
            Gen.Constant((JsonNode?)JsonValue.Create(4111111111111111)), Gen.Constant((JsonNode?)JsonValue.Create(true)),
            Gen.Constant((JsonNode?)null),
            Names.Select(name => (JsonNode?)JsonValue.Create($$"""{"{{name}}":"x"}""")));
        if (depth == 0) return leaf;
        var inner = Values(depth - 1);
        return Gen.OneOf(leaf, inner.ListOf(3).Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())])),
            Names.SelectMany(_ => inner, (name, value) => (name, value)).ListOf(3).Select(Object),
            Names.SelectMany(_ => inner, (name, value) => (name, value)).ListOf(3).Select(pairs =>
                (JsonNode?)JsonValue.Create(Object(pairs)!.ToJsonString())));
    }

    static JsonNode? Object(IEnumerable<(string Name, JsonNode? Value)> pairs) =>
        new JsonObject(pairs.DistinctBy(pair => pair.Name).Select(pair => KeyValuePair.Create(pair.Name, pair.Value?.DeepClone())));

    [Fact]
    public void JsonStaysJsonWithTheSameNamesAndOtherValues() =>
        Prop.ForAll(Names.SelectMany(_ => Values(3), (name, value) => (name, value)).ListOf(3).Select(Object).ToArbitrary(), json =>
        {
            foreach (var indented in (bool[])[false, true])
                foreach (var redactor in Both)
                {
                    var text = json!.ToJsonString(new JsonSerializerOptions { WriteIndented = indented });
                    var after = redactor.Replacement("@m", text);
                    ShouldBeAlike(json, JsonNode.Parse(after ?? text), isSecret: false);
                }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    static void ShouldBeAlike(JsonNode? before, JsonNode? after, bool isSecret)
    {
        switch (before)
        {
            case JsonObject pairs:
                after!.AsObject().Count.ShouldBe(pairs.Count);
                foreach (var ((name, value), (nameAfter, valueAfter)) in pairs.Zip(after.AsObject()))
                {
                    if (!name.Contains('=')) nameAfter.ShouldBe(name);
                    ShouldBeAlike(value, valueAfter,
                        isSecret || name is "password" or "access_tokens" or "apiKey" or "token" or "Cookie" or "pin");
                }
                break;
            case JsonArray items:
                after!.AsArray().Count.ShouldBe(items.Count);
                foreach (var (item, itemAfter) in items.Zip(after.AsArray())) ShouldBeAlike(item, itemAfter, isSecret);
                break;
            case JsonValue value when value.TryGetValue<string>(out var text):
                var textAfter = after!.GetValue<string>();
                if (isSecret && text.Length > 0) textAfter.ShouldBe(Marker);
                else if (IsJson(text)) ShouldBeAlike(JsonNode.Parse(text), JsonNode.Parse(textAfter), isSecret: false);
                else ShouldHaveItsLines(text, textAfter);
                break;
            case null: after.ShouldBeNull(); break;
            default:
                if (after!.GetValueKind() != JsonValueKind.String) after.ToJsonString().ShouldBe(before.ToJsonString());
                else after.GetValue<string>().ShouldBe(Marker);
                break;
        }
    }

    static bool IsJson(string text)
    {
        try
        {
            return JsonNode.Parse(text) is JsonObject;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return false;
        }
    }

    [Fact]
    public void AnyTextKeepsItsLinesAndAllThatIsNotHidden() => Prop.ForAll(Texts.ToArbitrary(), text =>
    {
        foreach (var redactor in Both) ShouldHaveItsLines(text, redactor.Replacement("@m", text) ?? text);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [GeneratedRegex(@"(?:\\*""|\\+u0022)?\[redacted\](?:\\*""|\\+u0022)?")]
    private static partial Regex MarkerWithQuotes();

    /// <summary>Line by line, what stands outside the markers stands there before, too, in this order.</summary>
    static void ShouldHaveItsLines(string before, string after)
    {
        var lines = before.Split('\n');
        var linesAfter = after.Split('\n');
        linesAfter.Length.ShouldBe(lines.Length, before);
        foreach (var (line, lineAfter) in lines.Zip(linesAfter))
        {
            // A number's marker brings quotes with it.
            var parts = MarkerWithQuotes().Split(lineAfter);
            var at = 0;
            line.ShouldStartWith(parts[0]);
            line.ShouldEndWith(parts[^1]);
            foreach (var part in parts)
            {
                var found = line.IndexOf(part, at, StringComparison.Ordinal);
                found.ShouldBeGreaterThanOrEqualTo(0, $"{line} -> {lineAfter}");
                at = found + part.Length;
            }
        }
    }
}
