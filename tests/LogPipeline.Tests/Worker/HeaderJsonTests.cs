using System.Text.Json;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Files;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Worker;

/// <summary>A header as JSON: read within bounds, as it is read before anything can look at it.</summary>
public sealed class HeaderJsonTests
{
    static readonly LogBatchHeader Some = SomeBatch.Of(1, "app", "web", "app").Header with { Previous = "logs/shop/i0/000000000001" };

    static string Json(string field, string value) =>
        JsonSerializer.Serialize(JsonSerializer.SerializeToNode(Some)!.AsObject().Where(one => one.Key != field)
            .ToDictionary(one => one.Key, one => (object?)one.Value))[..^1] + $",\"{field}\":{value}}}";

    [Fact]
    public void WhatIsWrittenIsRead()
    {
        var read = JsonSerializer.Deserialize<LogBatchHeader>(JsonSerializer.SerializeToUtf8Bytes(Some))!;
        read.Levels.ShouldBe(Some.Levels);
        read.Channels.ShouldBe(Some.Channels);
        (read with { Levels = Some.Levels, Channels = Some.Channels }).ShouldBe(Some);
    }

    [Fact]
    public void OfManyNamesOneMoreThanTheBoundIsKept()
    {
        var json = Encoding.UTF8.GetBytes(Json("channels",
            "{" + string.Join(',', Enumerable.Range(0, 250_000).Select(i => $"\"{i:x}\":1")) + "}"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var header = JsonSerializer.Deserialize<LogBatchHeader>(json)!;
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(500_000);
        header.Channels.Count.ShouldBe(BoundedCounts.NamesMax + 1);
        // They are for people, and the records say which channels there are.
        BatchAdmission.Admit(header).ShouldBe(Some.Id);
    }

    [Theory]
    [InlineData("source")]
    [InlineData("instance")]
    [InlineData("previous")]
    [InlineData("retryOf")]
    public void ALongTextIsCutAndStillTooLong(string field)
    {
        var header = JsonSerializer.Deserialize<LogBatchHeader>(Json(field, $"\"{new string('x', 1_000_000)}\""))!;
        Should.Throw<BatchRefusedException>(() => BatchAdmission.Admit(header)).Message.Length.ShouldBeLessThan(1_000);
        JsonSerializer.SerializeToUtf8Bytes(header).Length.ShouldBeLessThan(2_000);
    }

    [Theory]
    [InlineData("channels", "[]")]
    [InlineData("channels", "{\"app\":1.5}")]
    [InlineData("channels", "{\"app\":\"1\"}")]
    [InlineData("channels", "{\"app\":{}}")]
    [InlineData("levels", "5")]
    [InlineData("source", "5")]
    public void WhatIsNoCountOrTextIsNoHeader(string field, string value) =>
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<LogBatchHeader>(Json(field, value)));

    [Fact]
    public void ASummaryIsShortWhateverTheHeaderHolds()
    {
        string Summary(params string[] channels) =>
            (Some with { RecordCount = 1, Channels = channels.ToDictionary(name => name, _ => 1) }).Summary();

        Summary("web", "app").ShouldBe("1 record, 0 errors, app, web");
        Summary("a", "b", "c", "d").ShouldEndWith(", 4 channels");
        Summary(new string('ä', 300)).ShouldEndWith(", 1 channel");
        (Some with { Levels = new Dictionary<string, int> { ["error"] = int.MaxValue, ["fatal"] = int.MaxValue } }).Summary()
            .ShouldContain("4294967294 errors");
        (Some with { Levels = null!, Channels = null! }).ShouldSatisfyAllConditions(h => h.Summary().ShouldEndWith("0 errors, "), h =>
            h.IsUrgent.ShouldBeFalse());
    }
}
