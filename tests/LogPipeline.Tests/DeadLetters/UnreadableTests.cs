using Google.Protobuf;
using LogPipeline.Tests.Codecs;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace LogPipeline.Tests.DeadLetters;

public sealed class UnreadableTests
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

    [Fact]
    public void WhatCanBeReadIsNot() => UnreadableBatch.Judge(Input(Ours), Ours).ShouldBeNull();

    [Fact]
    public void ABatchWhoseKeyIsMissingIsLeftToWait() =>
        UnreadableBatch.Judge(Input(new PipelineCodec(SomeKeys.Ring($"k2:{SomeKeys.New}"), 0)), Ours).ShouldBeNull();

    [Fact]
    public void ABatchOfANewerVersionIsLeftToWait() =>
        UnreadableBatch.Judge(Input(Ours, new { version = 2, other = "shape" }), Ours).ShouldBeNull();

    [Fact]
    public void AnEncodingThatIsNotOursIsLeftToWait()
    {
        var input = Input(Ours);
        input.Payloads_[0] = new Payload { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/zlib") } };
        UnreadableBatch.Judge(input, Ours).ShouldBeNull();
    }

    [Fact]
    public void AnotherKeyOfTheSameIdIsNoticed() =>
        UnreadableBatch.Judge(Input(new PipelineCodec(SomeKeys.Ring($"k1:{SomeKeys.New}"), 0)),
            Ours)!.Value.Reason.ShouldContain("another key of this id");

    [Fact]
    public void DamagedRecordsLeaveTheHeader()
    {
        var input = Input(Ours);
        input.Payloads_[1] = Damaged(input.Payloads_[1]);
        UnreadableBatch.Judge(input, Ours)!.Value.Header!.Id.ShouldBe(new BatchId("shop", "i1", 1));
    }

    [Theory]
    [InlineData("text")]
    [InlineData(5)]
    public void AHeaderThatIsNoneIsNoticed(object header) =>
        UnreadableBatch.Judge(Input(Ours, header), Ours)!.Value.Reason.ShouldStartWith("The header is none");

    [Fact]
    public void AHeaderThatLacksFieldsIsNoticed() =>
        UnreadableBatch.Judge(Input(Ours, new { version = 1 }), Ours)!.Value.Reason.ShouldStartWith("The header is none");

    [Fact]
    public void OtherArgumentsAreNoticed() => UnreadableBatch.Judge(new Payloads(), Ours)!.Value.Reason.ShouldContain("0 arguments");
}
