using System.Text.Json;
using LogPipeline.Tests.Publisher;
using LogPipeline.Worker.Batches;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Worker;

/// <summary>What a header says of its publisher comes from outside, and never fails a batch.</summary>
public sealed class ReportAdmissionTests
{
    static readonly LogBatchHeader Some = SomeBatch.Of(1, "app").Header;

    static LogBatchHeader Read(string publisher) =>
        JsonSerializer.Deserialize<LogBatchHeader>(JsonSerializer.Serialize(Some)[..^1] + $",\"publisher\":{publisher}}}")!;

    [Fact]
    public void WhatAPublisherSaysIsRead()
    {
        var sent = Some with { Publisher = SomeReport.Of() };
        var read = JsonSerializer.Deserialize<LogBatchHeader>(JsonSerializer.SerializeToUtf8Bytes(sent))!.Publisher!;
        read.Counts.Dropped.ShouldBe(SomeReport.Of().Counts.Dropped);
        (read with { Counts = read.Counts with { Dropped = sent.Publisher.Counts.Dropped } }).ShouldBe(sent.Publisher);
        ReportAdmission.Admit(read).ShouldBeSameAs(read);
    }

    [Fact]
    public void AHeaderWithoutOneIsAsItWasBefore()
    {
        JsonSerializer.Serialize(Some).ShouldNotContain("publisher");
        JsonSerializer.Deserialize<LogBatchHeader>(JsonSerializer.Serialize(Some))!.Publisher.ShouldBeNull();
    }

    [Theory]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("{}")]
    [InlineData("{\"source\":5,\"counts\":[1]}")]
    [InlineData("{\"counts\":{\"emitted\":1e99}}")]
    public void WhatIsNoReportIsNoneAndTheBatchIsWritten(string publisher)
    {
        var header = Read(publisher);
        header.Publisher.ShouldBeNull();
        BatchAdmission.Admit(header).ShouldBe(Some.Id);
    }

    [Fact]
    public void ALongOneIsNotRead()
    {
        var report = JsonSerializer.Serialize(Some with { Publisher = SomeReport.Of() with { Host = new string('h', 1_000_000) } });
        var json = Encoding.UTF8.GetBytes(report);
        var before = GC.GetAllocatedBytesForCurrentThread();
        JsonSerializer.Deserialize<LogBatchHeader>(json)!.Publisher.ShouldBeNull();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100_000);
    }

    public static TheoryData<string, PublisherReport> Wrong
    {
        get
        {
            var some = SomeReport.Of();
            var counts = some.Counts;
            return new TheoryData<string, PublisherReport>
            {
                { "source", some with { Source = "a/b" } },
                { "instance", some with { Instance = "" } },
                { "host", some with { Host = "a\u001b[31m" } },
                { "host's length", some with { Host = new string('h', 256) } },
                { "version", some with { Version = "" } },
                { "state", some with { Breaker = some.Breaker with { State = "ajar" } } },
                { "reason", some with { Breaker = some.Breaker with { Reason = new string('r', 1_001) } } },
                { "no breaker", some with { Breaker = null! } },
                { "spool", some with { Spool = some.Spool with { Bytes = -1 } } },
                { "no spool", some with { Spool = null! } },
                { "no counts", some with { Counts = null! } },
                { "emitted", some with { Counts = counts with { Emitted = -1 } } },
                { "notices", some with { Counts = counts with { Notices = -1 } } },
                { "adopted", some with { Counts = counts with { Adopted = -1 } } },
                { "filtered", some with { Counts = counts with { Filtered = -1 } } },
                { "queued", some with { Counts = counts with { Queued = -1 } } },
                { "spooled", some with { Counts = counts with { Spooled = -1 } } },
                { "in Temporal", some with { Counts = counts with { InTemporal = long.MaxValue } } },
                { "files", some with { Counts = counts with { FallbackFile = -1 } } },
                { "set aside", some with { Counts = counts with { SetAside = -1 } } },
                { "no drops", some with { Counts = counts with { Dropped = null! } } },
                { "drops", some with { Counts = counts with { Dropped = new Dictionary<string, long> { ["shed"] = -1 } } } },
                { "a drop's name", some with { Counts = counts with { Dropped = new Dictionary<string, long> { ["a b"] = 1 } } } },
                { "many drops", some with { Counts = counts with
                    { Dropped = Enumerable.Range(0, 33).ToDictionary(i => $"r{i}", _ => 1L) } } },
            };
        }
    }

    [Theory, MemberData(nameof(Wrong))]
    public void WhatNoPublisherWouldSayIsLeftOut(string what, PublisherReport report) =>
        ReportAdmission.Admit(report).ShouldBeNull(what);
}
