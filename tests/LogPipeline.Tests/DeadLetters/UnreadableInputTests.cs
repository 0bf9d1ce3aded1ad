using Google.Protobuf;
using LogPipeline.Tests.Codecs;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace LogPipeline.Tests.DeadLetters;

public sealed class UnreadableInputTests
{
    static readonly PipelineCodec Ours = new(SomeKeys.Ring($"k1:{SomeKeys.Old}"), 4096);

    static Payloads Input(PipelineCodec codec, object? header = null) => new()
    {
        Payloads_ =
        {
            codec.Encode(DataConverter.Default.PayloadConverter.ToPayload(header ?? SomeBatch.Of(1, "app").Header)),
            codec.Encode(DataConverter.Default.PayloadConverter.ToPayload(new[] { 1 })),
        },
    };

    static Payload Damaged(Payload payload)
    {
        var bytes = payload.Data.ToByteArray();
        bytes[^1] ^= 1;
        return new Payload(payload) { Data = ByteString.CopyFrom(bytes) };
    }

    static Payload Gzip(Payload payload) => GzipPayload.Compress(payload, bytesMin: 1);

    static Payload Of(string data, string encoding = "json/plain") => new()
    {
        Data = ByteString.CopyFromUtf8(data), Metadata = { ["encoding"] = ByteString.CopyFromUtf8(encoding) },
    };

    [Fact]
    public void WhatCanBeReadIsNot() => UnreadableInput.Judge(Input(Ours), Ours).ShouldBeNull();

    /// <summary>The SDK leaves them out, and a batch that is written is not ended as well.</summary>
    [Fact]
    public void NorIsWhatHasMoreArgumentsThanItNeeds()
    {
        var input = Input(Ours);
        for (var i = input.Payloads_.Count; i < PipelineCodec.ArgumentsMax; i++)
        {
            input.Payloads_.Add(Of("{}"));
            UnreadableInput.Judge(input, Ours).ShouldBeNull();
        }
        input.Payloads_.Add(Of("{}"));
        UnreadableInput.Judge(input, Ours)!.ShouldSatisfyAllConditions(
            why => why.Reason.ShouldContain("9 arguments"), why => why.By.ShouldBe(ReadableBy.Nobody));
    }

    [Fact]
    public void ABatchWhoseKeyIsMissingIsForAnotherWorker() =>
        UnreadableInput.Judge(Input(new PipelineCodec(SomeKeys.Ring($"k2:{SomeKeys.New}"), 0)), Ours)!.ShouldSatisfyAllConditions(
            why => why.By.ShouldBe(ReadableBy.OtherWorker), why => why.MissingKey.ShouldBe("k2"));

    [Fact]
    public void SoIsOneWhoseRecordsAreEncryptedWithinWhatIsCompressed()
    {
        var input = Input(new PipelineCodec(KeyRing.Empty, 0));
        var records = input.Payloads_[1];
        input.Payloads_[1] = Gzip(Of(new string('x', 10_000), EncryptedPayload.Encoding));
        GzipPayload.Is(input.Payloads_[1]).ShouldBeTrue();
        // Small enough to be taken out for the SDK, and so large that it is not.
        UnreadableInput.Judge(input, Ours)!.By.ShouldBe(ReadableBy.OtherWorker);
        input.Payloads_[1] = Gzip(Of(new string('x', 1 << 20), EncryptedPayload.Encoding));
        UnreadableInput.Judge(input, Ours)!.By.ShouldBe(ReadableBy.OtherWorker);
        input.Payloads_[1] = records;
        UnreadableInput.Judge(input, Ours).ShouldBeNull();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    public void ABatchOfANewerVersionIsForAnotherWorker(int version) =>
        UnreadableInput.Judge(Input(Ours, new { version, other = "shape" }), Ours)!.ShouldSatisfyAllConditions(
            why => why.By.ShouldBe(ReadableBy.OtherWorker), why => why.Reason.ShouldContain($"version {version}"));

    [Fact]
    public void AnEncodingThatIsNotOursIsForAnotherWorker()
    {
        var input = Input(Ours);
        input.Payloads_[0] = Of("", "binary/zlib");
        UnreadableInput.Judge(input, Ours)!.ShouldSatisfyAllConditions(
            why => why.By.ShouldBe(ReadableBy.OtherWorker), why => why.Reason.ShouldContain("'binary/zlib'"));
    }

    [Fact]
    public void AnotherKeyOfTheSameIdIsAMatterOfSettings() =>
        UnreadableInput.Judge(Input(new PipelineCodec(SomeKeys.Ring($"k1:{SomeKeys.New}"), 0)), Ours)!.ShouldSatisfyAllConditions(
            why => why.By.ShouldBe(ReadableBy.OtherSettings), why => why.Reason.ShouldContain("another key of this id"));

    [Fact]
    public void DamagedRecordsLeaveTheHeader()
    {
        var input = Input(Ours);
        input.Payloads_[1] = Damaged(input.Payloads_[1]);
        UnreadableInput.Judge(input, Ours)!.Header!.Id.ShouldBe(new BatchId("shop", "i1", 1));
    }

    /// <summary>The SDK gets no more of it than it needs for any header.</summary>
    [Fact]
    public void AHeaderThatHoldsMoreThanATaskMayCannotBeReadByAnybody()
    {
        var input = Input(Ours, new { source = new string('s', PipelineCodec.TaskBytesMax) });
        UnreadableInput.Judge(input, Ours)!.ShouldSatisfyAllConditions(
            why => why.By.ShouldBe(ReadableBy.Nobody), why => why.Reason.ShouldContain("more than a header may"));
    }

    /// <summary>The library's message quotes all that follows.</summary>
    [Theory]
    [InlineData("{\"version\":tsecret}", "The header is none: it is no JSON at byte 12 of line 1.")]
    [InlineData("nsecret", "The header is none: it is no JSON at byte 1 of line 1.")]
    public void WhatTheHeaderSaysIsNotInTheReason(string header, string reason)
    {
        var input = Input(Ours);
        input.Payloads_[0] = Of(header);
        UnreadableInput.Judge(input, Ours)!.Reason.ShouldBe(reason);
    }

    [Theory]
    [InlineData("text")]
    [InlineData(5)]
    public void AHeaderThatIsNoneCannotBeReadByAnybody(object header) =>
        UnreadableInput.Judge(Input(Ours, header), Ours)!.ShouldSatisfyAllConditions(
            why => why.By.ShouldBe(ReadableBy.Nobody), why => why.Reason.ShouldStartWith("The header is none"));

    [Fact]
    public void NorOneThatLacksFields() =>
        UnreadableInput.Judge(Input(Ours, new { version = 1 }), Ours)!.ShouldSatisfyAllConditions(
            why => why.By.ShouldBe(ReadableBy.Nobody), why => why.Reason.ShouldStartWith("The header is none"));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void NorOneWithTooFewArguments(int count)
    {
        var input = new Payloads { Payloads_ = { Input(Ours).Payloads_.Take(count) } };
        UnreadableInput.Judge(input, Ours)!.ShouldSatisfyAllConditions(
            why => why.By.ShouldBe(ReadableBy.Nobody), why => why.Reason.ShouldContain($"{count} arguments"));
    }
}
