using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Files;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Worker;

public sealed class BatchPreparerTests
{
    static readonly (LogBatchHeader Header, byte[] Array) Batch = SomeBatch.Of(1, "app", "web", "app");

    static string Record(string fields) => $"[\n{{{fields}}}\n]";

    static PreparedBatch One(string fields) => BatchPreparer.Prepare(SomeBatch.Of(1, "app").Header, Encoding.UTF8.GetBytes(Record(fields)));

    [Fact]
    public void ARecordIsWrittenAsItCameWithALineFeedBehindIt()
    {
        var batch = One(""" "a" : "\u00e4\n é" , "n":1.50""");
        Encoding.UTF8.GetString(batch.Lines.Span).ShouldBe("{" + """ "a" : "\u00e4\n é" , "n":1.50""" + "}\n");
    }

    [Fact]
    public void TheRecordsOfAChannelAreTogetherAndInOrder()
    {
        var batch = BatchPreparer.Prepare(Batch.Header, Batch.Array);
        batch.Parts.Select(part => (part.Channel, part.RecordCount)).ShouldBe([("app", 2), ("web", 1)]);
        Encoding.UTF8.GetString(batch.Lines.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => RecordFacts.Read(Encoding.UTF8.GetBytes(line)).Sequence).ShouldBe([1, 3, 2]);
        batch.Parts.Sum(part => part.Length).ShouldBe(batch.Lines.Length);
    }

    [Theory]
    [InlineData("\"x\":1", "app")]
    [InlineData("\"channel\":\"\"", "app")]
    [InlineData("\"channel\":5", "app")]
    [InlineData("\"channel\":{\"channel\":\"inner\"}", "app")]
    [InlineData("\"x\":{\"channel\":\"inner\"},\"channel\":\"web\"", "web")]
    [InlineData("\"channel\":\"w\\u0065b\"", "web")]
    [InlineData("\"channel\":\"web\",\"channel\":\"other\"", "web")]
    [InlineData("\"channel\":\"\\ud800\"", "\\ud800")]
    [InlineData("\"channe\\ud800\":\"x\"", "app")]
    public void TheChannelIsTheTopLevelProperty(string fields, string channel) =>
        One(fields).Parts.ShouldHaveSingleItem().Channel.ShouldBe(channel);

    [Theory]
    [InlineData("\"source\":\"other\"", "source 'other'")]
    [InlineData("\"instance\":\"i2\"", "instance 'i2'")]
    [InlineData("\"seq\":2", "seq '2'")]
    public void ARecordOfAnotherBatchIsRefused(string fields, string named) =>
        Should.Throw<BatchRefusedException>(() =>
            One(fields)).Message.ShouldBe($"Record 1 of batch logs/shop/i1/000000000001 has {named} and belongs to another batch.");

    [Fact]
    public void AHeaderThatCountsOtherwiseIsRefused() =>
        Should.Throw<BatchRefusedException>(() => BatchPreparer.Prepare(Batch.Header with { RecordCount = 4 }, Batch.Array))
            .Message.ShouldBe("The header of batch logs/shop/i1/000000000001 names 4 records; the array holds 3.");

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("[{]")]
    [InlineData("[{}] []")]
    public void WhatIsNoArrayOfRecordsIsRefused(string array) =>
        Should.Throw<BatchRefusedException>(() =>
            BatchPreparer.Prepare(Batch.Header, Encoding.UTF8.GetBytes(array))).Message.ShouldContain("000000000001");

    [Fact]
    public void ABatchOfANewerShapeWaitsForANewerWorker() =>
        Should.Throw<NewerBatchException>(() => BatchPreparer.Prepare(Batch.Header with { Version = 2 }, Batch.Array));

    [Fact]
    public void AHeaderThatNamesNoBatchIsRefused() =>
        Should.Throw<BatchRefusedException>(() =>
            BatchPreparer.Prepare(Batch.Header with { Source = "a/b" }, Batch.Array)).Message.ShouldContain("'a/b'");
}
