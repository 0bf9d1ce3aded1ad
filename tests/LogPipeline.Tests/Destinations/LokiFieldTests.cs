using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using LogPipeline.Worker.Destinations.Loki;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Destinations;

/// <summary>
/// Records and answers as the field has them, each a row of tests/Field/loki.json: what becomes of a record's time, and
/// what Loki's answers mean. <c>lines</c> says of each line why the answer names it as refused; null: it does not.
/// </summary>
public sealed class LokiFieldTests
{
    const int RowsLeast = 15;

    static readonly IReadOnlyList<JsonObject> Rows = [.. JsonNode.Parse(File.ReadAllText(
        Repository.PathOf("tests", "Field", "loki.json")))!.AsArray().Select(row => row!.AsObject())];

    public static TheoryData<string> Names() => [.. Rows.Select(row => (string)row["name"]!)];

    [Fact]
    public void ThereAreEnoughAndEachSaysWhereItComesFrom()
    {
        Rows.Count.ShouldBeGreaterThanOrEqualTo(RowsLeast);
        Rows.Select(row => (string)row["name"]!).ShouldBeUnique();
        Rows.ShouldAllBe(row => ((string)row["source"]!).Length > 0);
    }

    [Theory, MemberData(nameof(Names))]
    public void ARowHolds(string name)
    {
        var row = Rows.Single(one => (string)one["name"]! == name);
        var input = row["input"]!.AsObject();
        var found = input.ContainsKey("record") ? OfRecord((string)input["record"]!) : OfAnswer(input);
        found.ToJsonString().ShouldBe(row["expected"]!.ToJsonString());
    }

    static JsonObject OfRecord(string record)
    {
        var line = Encoding.UTF8.GetBytes(record);
        var facts = LokiFacts.Read(line, Some.Header(Some.BatchId(), [line]) with
        {
            From = new DateTimeOffset(2026, 11, 21, 10, 0, 0, TimeSpan.Zero),
        });
        if (facts.Refusal is { } reason) return new JsonObject { ["refused"] = reason };
        var entry = LokiEntry.Of(line, facts);
        var found = new JsonObject
        {
            ["nanoseconds"] = entry.Nanoseconds.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        if (entry.TraceId is { } trace) found["trace_id"] = trace;
        if (entry.SpanId is { } span) found["span_id"] = span;
        return found;
    }

    static JsonObject OfAnswer(JsonObject input)
    {
        var answer = LokiAnswer.Read((HttpStatusCode)(int)input["status"]!, (string)input["body"]!);
        if (answer is null) return new JsonObject { ["answer"] = "again" };
        if (answer.Reason is null) return new JsonObject { ["answer"] = "taken" };
        if (answer.IsOfMetadata) return new JsonObject { ["answer"] =
            answer.DisallowsMetadata ? "without metadata from now on" : "without metadata" };
        return new JsonObject
        {
            ["answer"] = answer.IsLokis ? "refused" : "refused if a push of nothing is not",
            ["reason"] = answer.Reason,
            ["lines"] = new JsonArray([.. input["times"]!.AsArray().Select(time =>
                (JsonNode?)answer.ReasonOf?.Invoke(EntryAt((string)time!)))]),
        };
    }

    static LokiEntry EntryAt(string time)
    {
        var line = Encoding.UTF8.GetBytes($$"""{"@t":"{{time}}","@mt":"m"}""");
        return LokiEntry.Of(line, LokiFacts.Read(line, Some.Header(Some.BatchId(), [line])));
    }
}
